import { type Definition, primaryOf } from '../definition.ts'
import { physicalColumn, physicalTable } from '../names.ts'
import type { TableColumn } from '../types.ts'

/** Gaps up to this are stepped through, which no other insert can come between. */
const MAX_STEPS = 1_000

/**
 * Makes a column count by itself: rows without a number get the next one, and chosen numbers are not given again. An
 * identity column would know nothing of chosen numbers.
 */
export function countSql(definition: Definition, column: TableColumn, hasRows = false): string[] {
  const table = `"${physicalTable(definition.id)}"`
  const name = `"${physicalColumn(column.id)}"`
  const sequence = `"${physicalTable(definition.id)}__seq"`
  const count = `"${physicalTable(definition.id)}__count"`
  const next = `nextval('${sequence}')`
  const body = `
DECLARE reached bigint;
BEGIN
  IF NEW.${name} IS NULL THEN
    IF TG_OP = 'INSERT' THEN NEW.${name} := ${next}; END IF;
    RETURN NEW;
  END IF;
  SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END INTO reached FROM ${sequence};
  IF NEW.${name} > reached + ${MAX_STEPS} THEN PERFORM setval('${sequence}', NEW.${name});
  ELSIF NEW.${name} > reached THEN LOOP EXIT WHEN ${next} >= NEW.${name}; END LOOP;
  END IF;
  RETURN NEW;
END`
  return [
    `CREATE SEQUENCE ${sequence} OWNED BY ${table}.${name}`,
    ...(hasRows ? filling(table, name, sequence, definition) : []),
    `CREATE FUNCTION ${count}() RETURNS trigger LANGUAGE plpgsql AS $count$${body}$count$`,
    `CREATE TRIGGER count BEFORE INSERT OR UPDATE OF ${name} ON ${table} FOR EACH ROW EXECUTE FUNCTION ${count}()`,
  ]
}

/** Numbers for rows that are there and have none, and none of theirs a second time. */
function filling(table: string, name: string, sequence: string, definition: Definition): string[] {
  const max = `(SELECT max(${name}) FROM ${table})`
  const key = primaryOf(definition)
  const order =
    key === undefined || key.columnIds.some((id) => `"${physicalColumn(id)}"` === name)
      ? 'ctid'
      : key.columnIds.map((id) => `"${physicalColumn(id)}"`).join(', ')
  return [
    `SELECT setval('${sequence}', greatest(${max}, 1), ${max} >= 1) WHERE ${max} >= 1`,
    `UPDATE ${table} SET ${name} = numbered.n FROM (SELECT row_id, nextval('${sequence}') AS n FROM
      (SELECT ctid AS row_id FROM ${table} WHERE ${name} IS NULL ORDER BY ${order}) AS rows) AS numbered
      WHERE ${table}.ctid = numbered.row_id`,
  ]
}

/** The sequence stays with the column it belongs to, and goes with it. */
export const uncountSql = ({ id }: Definition): string[] => {
  const name = physicalTable(id)
  return [`DROP FUNCTION IF EXISTS "${name}__count" CASCADE`, `DROP SEQUENCE IF EXISTS "${name}__seq"`]
}
