import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { AppError } from '../../base/errors.ts'
import { columnOf, type Definition, refused } from './definition.ts'
import type { TableDialect } from './dialect.ts'
import type { TableLimits } from './limits.ts'
import { physicalColumn } from './names.ts'
import type { Comparison, Condition, TableColumn, Where } from './types.ts'
import { toCompared } from './values.ts'

type Group = Exclude<Where, 'all_rows'>
type Sql = RawBuilder<SqlBool>
type Context = { definition: Definition; dialect: TableDialect; limits: TableLimits; conditions: number }

const COMPARISONS: Readonly<Record<Comparison, string>> = {
  '=': '=',
  '!=': '<>',
  '>': '>',
  '>=': '>=',
  '<': '<',
  '<=': '<=',
}

export const columnRef = (column: TableColumn): RawBuilder<unknown> => sql.ref(physicalColumn(column.id))

/**
 * The condition in SQL, every group in brackets; undefined for all rows. Throws `invalid_argument` for a `where` or a
 * group without any condition, `not_found` for unknown columns, `wrong_type` for values that no such column holds.
 */
export function whereSql(
  where: Where | undefined,
  definition: Definition,
  dialect: TableDialect,
  limits: TableLimits,
): Sql | undefined {
  if (where === 'all_rows') return undefined
  if (typeof where !== 'object' || where === null)
    throw refused('say which rows are meant: conditions, or "all_rows" for all of them')
  return groupSql(where, { definition, dialect, limits, conditions: 0 }, 1)
}

function groupSql(group: Group, context: Context, depth: number): Sql {
  const { logic = 'and', conditions = [], groups = [] } = group
  const { limits } = context
  if (logic !== 'and' && logic !== 'or') throw refused('conditions are joined by "and" or by "or"')
  if (conditions.length + groups.length === 0) throw refused('a group of conditions has at least one')
  if (depth > limits.depth) throw new AppError('out_of_range', `groups are nested at most ${limits.depth} deep`)
  context.conditions += conditions.length + groups.length
  if (context.conditions > limits.conditions)
    throw new AppError('out_of_range', `a statement takes at most ${limits.conditions} conditions`)
  const parts = [
    ...conditions.map((condition) => conditionSql(condition, context)),
    ...groups.map((inner) => groupSql(inner, context, depth + 1)),
  ]
  return sql`(${sql.join(parts, sql.raw(` ${logic} `))})`
}

function conditionSql(condition: Condition, { definition, dialect, limits }: Context): Sql {
  const column = columnOf(definition, condition.column)
  const ref = columnRef(column)
  const isTest = condition.op === 'is_null' || condition.op === 'is_not_null'
  if (column.type === 'json' && !isTest)
    throw refused(`the column "${column.name}" holds JSON: it can be tested for a value only`)
  switch (condition.op) {
    case 'is_null':
    case 'is_not_null':
      return sql`${ref} ${sql.raw(condition.op === 'is_null' ? 'is null' : 'is not null')}`
    case 'like':
    case 'not_like': {
      if (typeof condition.value !== 'string') throw refused(`"${condition.op}" takes text`)
      const like = dialect.isLike(ref, String(toCompared({ ...column, type: 'text' }, condition.value)), column)
      // NOT of nothing is nothing, so rows without a value stay out
      return condition.op === 'like' ? like : sql`not ${like}`
    }
    case 'in':
    case 'not_in': {
      const values = condition.values.map((value) => compared(column, value))
      if (values.length > limits.listValues)
        throw new AppError('out_of_range', `a list takes at most ${limits.listValues} values`)
      if (values.length === 0) return sql`1 = 0`
      const isIn = dialect.isIn(ref, values)
      return condition.op === 'in' ? isIn : sql`not (${isIn})`
    }
    default: {
      const sign = COMPARISONS[condition.op]
      if (sign === undefined) throw refused('the operator of a condition is unknown')
      return sql`${ref} ${sql.raw(sign)} ${compared(column, condition.value)}`
    }
  }
}

function compared(column: TableColumn, value: unknown) {
  if (value === null || value === undefined)
    throw refused(`the column "${column.name}": nothing equals NULL; ask with "is_null"`)
  return toCompared(column, value)
}
