import type { Scope, Source, SqlParserDriver, Statement, Token } from '../driver.ts'
import { bindsLooser, bracketed, type Filter } from './condition.ts'
import { Insertions } from './edit.ts'
import { type Piece, piece, print } from './print.ts'

export type FilterOptions = {
  driver: SqlParserDriver
  statement: Statement
  /** Makes the error for a token. */
  refuse(message: string, token: number, hint?: string): Error
}

const FILTERED: ReadonlySet<string> = new Set(['SELECT', 'UPDATE', 'DELETE'])
const NONE: ReadonlySet<string> = new Set()
const keyword = (text: string) => piece('word', text, 'keyword')
const OPEN = piece('punctuation', '(')
const CLOSE = piece('punctuation', ')')

/** Joins a filter to the WHERE clause of the statement itself; sub-queries keep theirs. */
export function appendFilter(options: FilterOptions, operator: 'AND' | 'OR', filter: Filter): readonly Piece[] {
  const { statement, refuse } = options
  const { operation, root } = statement
  if (!FILTERED.has(operation)) throw refuse('filters only support SELECT/UPDATE/DELETE statements', 0)
  if (root.arms !== undefined) throw refuse('a filter cannot be joined to a set operation', 0)
  if (statement.scopes.some((scope) => scope !== root && scope.operation !== undefined))
    throw refuse('a filter cannot be joined to a statement that writes in a sub-query', 0)
  const insertions = new Insertions(statement)
  join(options, insertions, root, operator, filter.statement.tokens.slice(filter.first, filter.end))
  return insertions.apply()
}

function join(
  { driver, statement, refuse }: FilterOptions,
  insertions: Insertions,
  scope: Scope,
  operator: 'AND' | 'OR',
  filter: readonly Piece[],
): void {
  const { where, whereAt } = scope
  if (where === undefined) {
    if (whereAt === undefined) throw refuse('the statement has no place for a filter', 0)
    insertions.before(whereAt, keyword('WHERE'), ...filter)
    return
  }
  const looser = operator === 'AND' ? driver.looserThanAnd : NONE
  const own = statement.tokens.slice(where.first, where.end)
  const isBracketed = bracketed(own, looser) !== own
  if (isBracketed) insertions.before(where.first, OPEN)
  if (isBracketed) insertions.before(where.end, CLOSE)
  insertions.before(where.end, keyword(operator), ...bracketed(filter, looser))
}

/** The filter of a table that a source reaches; `undefined` when it needs none. */
export type FilterFor = (source: Source, scope: Scope) => Filter | undefined

/**
 * Limits every table of the statement to the rows of its filter, wherever the table is reached: what is read becomes
 * `(SELECT * FROM t WHERE filter) AS t`, what is updated or deleted gets the filter in its own WHERE.
 */
export function filterTables(options: FilterOptions, filterFor: FilterFor): readonly Piece[] {
  const { statement, refuse, driver } = options
  const insertions = new Insertions(statement)
  for (const scope of statement.scopes) {
    const ofTargets: Piece[] = []
    for (const source of scope.sources) {
      const filter = filterFor(source, scope)
      if (filter === undefined || source.token === undefined) continue
      if (source.schemaToken !== undefined) throw refuse('the table must be named without a schema', source.token)
      if (source.target !== true) wrap(statement, insertions, source, source.token, filter)
      else if (statement.replaces !== undefined)
        throw refuse('rows that the filter hides could be replaced', statement.replaces.token)
      else if (scope.operation === 'UPDATE' || scope.operation === 'DELETE') {
        const condition = bracketed(qualified(filter, nameOf(statement, source)), driver.looserThanAnd)
        if (ofTargets.length > 0) ofTargets.push(keyword('AND'))
        ofTargets.push(...condition)
      } else if (scope.operation !== 'INSERT')
        throw refuse('filters only support SELECT/INSERT/UPDATE/DELETE statements', source.token)
    }
    if (ofTargets.length > 0) join(options, insertions, scope, 'AND', ofTargets)
  }
  return insertions.apply()
}

/**
 * Whether every source that needs a filter has it in a statement that `filterTables` gave: a second look at the parsed
 * result, which does not depend on how the edits were made.
 */
export function isFiltered({ driver, statement }: FilterOptions, filterFor: FilterFor): boolean {
  return statement.scopes.every((scope) =>
    scope.sources.every((source) => {
      const filter = filterFor(source, scope)
      if (filter === undefined || source.token === undefined || scope.operation === 'INSERT') return true
      if (scope.where === undefined) return false
      const own = statement.tokens.slice(scope.where.first, scope.where.end)
      const where = print(own)
      const condition = print(qualified(filter, nameOf(statement, source)))
      if (where === condition) return source.target === true || scope.sources.length === 1
      return source.target === true && where.includes(condition) && !bindsLooser(own, driver.looserThanAnd)
    }),
  )
}

/** The token under which a source's columns are qualified. */
function nameOf(statement: Statement, source: Source): Token {
  const token = statement.tokens[source.aliasToken ?? source.token ?? 0]
  return token ?? { kind: 'word', text: '', start: 0, end: 0 }
}

function wrap(statement: Statement, insertions: Insertions, source: Source, at: number, filter: Filter): void {
  const name = statement.tokens[at]
  if (name === undefined) return
  const star = piece('operator', '*')
  const condition = qualified(filter, name)
  insertions.instead(at, [
    OPEN,
    keyword('SELECT'),
    star,
    keyword('FROM'),
    name,
    keyword('WHERE'),
    ...condition,
    CLOSE,
    ...(source.alias === undefined ? [{ ...name, role: 'alias' as const }] : []),
  ])
}

/** The filter with its bare columns qualified: in no scope may they mean another table's. */
function qualified({ statement, first, end }: Filter, name: Token): readonly Piece[] {
  const bare = new Set(statement.root.refs.filter((ref) => ref.qualifier === undefined).map((ref) => ref.token))
  const pieces: Piece[] = []
  for (let index = first; index < end; index += 1) {
    const token = statement.tokens[index]
    if (token === undefined) continue
    if (bare.has(index)) pieces.push({ ...name, role: 'qualifier' }, piece('punctuation', '.'))
    pieces.push(token)
  }
  return pieces
}
