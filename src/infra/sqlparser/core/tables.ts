import type { Scope, Source, SqlParserDriver, Statement } from '../driver.ts'
import { Columns } from './columns.ts'

export type TablesOptions = {
  driver: SqlParserDriver
  statement: Statement
  refuse(message: string, token: number, hint?: string): Error
}

function columnsOf({ driver, statement, refuse }: TablesOptions): Columns {
  const columns = new Columns({
    driver,
    mapping: new Map(),
    newNameOf: (ref) => ref.column,
    giveUp: () => {
      throw refuse('the statement is too complex', 0)
    },
  })
  for (const scope of statement.scopes) columns.read(scope)
  return columns
}

/** Tells the sources that are tables from CTEs and the rest. */
export function isTable(options: TablesOptions): (source: Source, scope: Scope) => boolean {
  const columns = columnsOf(options)
  return (source) => source.kind === 'table' && columns.meaning(source).cte === undefined
}

/**
 * Every table that a statement reaches, sub-queries, CTEs and foreign keys included, in the order of the text, each
 * once: as the engine reads the name, with its schema where one is written. CTEs are none.
 */
export const tablesOf = (options: TablesOptions): string[] => namesOf(options, () => true)

/** Those of them that the statement writes to. */
export const writtenTablesOf = (options: TablesOptions): string[] => namesOf(options, ({ target }) => target === true)

function namesOf(options: TablesOptions, isMeant: (source: Source) => boolean): string[] {
  const columns = columnsOf(options)
  const found = options.statement.scopes
    .flatMap(({ sources }) => sources)
    .filter(isMeant)
    .filter((source) => source.kind === 'table' && columns.meaning(source).cte === undefined)
    .filter((source) => source.token !== undefined)
    .toSorted((a, b) => (a.token ?? 0) - (b.token ?? 0))
  return [...new Set(found.map(({ schema, name }) => (schema === undefined ? name : `${schema}.${name}`) ?? ''))]
}

/** The first table of a SELECT, INSERT, UPDATE or DELETE. */
export function firstTable(options: TablesOptions): string {
  const { statement, refuse } = options
  if (!['SELECT', 'INSERT', 'UPDATE', 'DELETE'].includes(statement.operation))
    throw refuse('only SELECT, INSERT, UPDATE and DELETE statements name a first table', 0)
  let core = statement.root
  while (core.arms?.[0] !== undefined) core = core.arms[0]
  const source = core.sources[0]
  if (source?.kind !== 'table' || source.name === undefined || columnsOf(options).meaning(source).cte !== undefined)
    throw refuse('the statement does not begin with a table', source?.token ?? 0)
  return source.schema === undefined ? source.name : `${source.schema}.${source.name}`
}
