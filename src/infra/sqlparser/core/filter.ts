import type { Scope, Source, SqlParserDriver, Statement, Token } from '../driver.ts'
import { bracketed, type Filter } from './condition.ts'
import { Insertions } from './edit.ts'
import { fenced, findUnguarded, type Guard, guardOf, isFenced, isGuarded, whereGuard } from './guard.ts'
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
 * `(SELECT * FROM t WHERE filter) AS t` with a fence, what is updated or deleted gets the filter in its own WHERE. No
 * condition, of WHERE or of a join, is evaluated on a row that the filter hides: if it failed, it would tell about it.
 */
export function filterTables(options: FilterOptions, filterFor: FilterFor): readonly Piece[] {
  const { statement, refuse } = options
  const insertions = new Insertions(statement)
  for (const scope of statement.scopes) {
    for (const source of scope.sources) {
      const filter = filterFor(source, scope)
      if (filter === undefined || source.token === undefined) continue
      if (source.schemaToken !== undefined) throw refuse('the table must be named without a schema', source.token)
      if (source.target !== true) wrap(options, insertions, source, source.token, filter)
      else if (statement.replaces !== undefined)
        throw refuse('rows that the filter hides could be replaced', statement.replaces.token)
      else if (scope.operation !== 'UPDATE' && scope.operation !== 'DELETE' && scope.operation !== 'INSERT')
        throw refuse('filters only support SELECT/INSERT/UPDATE/DELETE statements', source.token)
    }
    const targets = targetsOf(options, filterFor, scope)
    if (targets.size > 0) limitWrites(options, insertions, scope, targets)
  }
  return insertions.apply()
}

/** The conditions of what a scope updates or deletes. */
type Targets = ReadonlyMap<Source, readonly Piece[]>

function targetsOf({ driver, statement }: FilterOptions, filterFor: FilterFor, scope: Scope): Targets {
  const targets = new Map<Source, readonly Piece[]>()
  if (scope.operation !== 'UPDATE' && scope.operation !== 'DELETE') return targets
  for (const source of scope.sources) {
    const filter = source.target === true && source.token !== undefined ? filterFor(source, scope) : undefined
    if (filter !== undefined)
      targets.set(source, bracketed(qualified(filter, nameOf(statement, source)), driver.looserThanAnd))
  }
  return targets
}

/** The conditions of those targets that are among the sources, as one; `undefined` when there is none. */
function filterOfAll(targets: Targets, sources: readonly Source[]): readonly Piece[] | undefined {
  const pieces: Piece[] = []
  for (const source of sources) {
    const condition = targets.get(source)
    if (condition === undefined) continue
    if (pieces.length > 0) pieces.push(keyword('AND'))
    pieces.push(...condition)
  }
  return pieces.length === 0 ? undefined : pieces
}

function limitWrites(options: FilterOptions, insertions: Insertions, scope: Scope, targets: Targets): void {
  const { driver, statement, refuse } = options
  const unguarded = findUnguarded(driver, statement, scope, [...targets.keys()])
  if (unguarded !== undefined)
    throw refuse('FROM would look at rows that the filter hides', unguarded.token, unguarded.hint)
  for (const { first, end, sources } of scope.joins ?? []) {
    const filter = filterOfAll(targets, sources)
    if (filter !== undefined) surround(insertions, first, end, guardOf(filter))
  }
  const filter = filterOfAll(targets, scope.sources) ?? []
  if (scope.where === undefined) join(options, insertions, scope, 'AND', filter)
  else surround(insertions, scope.where.first, scope.where.end, whereGuard(filter))
}

function surround(insertions: Insertions, first: number, end: number, { head, tail }: Guard): void {
  insertions.before(first, ...head)
  insertions.before(end, ...tail)
}

/**
 * Whether every source that needs a filter has it in a statement that `filterTables` gave: a second look at the parsed
 * result, which does not depend on how the edits were made.
 */
export function isFiltered(options: FilterOptions, filterFor: FilterFor): boolean {
  const { driver, statement } = options
  const { tokens } = statement
  return statement.scopes.every((scope) => {
    const targets = targetsOf(options, filterFor, scope)
    return (
      scope.sources.every((source) => {
        const filter = filterFor(source, scope)
        if (filter === undefined || source.token === undefined || source.target === true) return true
        const name = nameOf(statement, source)
        return isFenced(tokens, source.token, fenced(driver, name, qualified(filter, name)))
      }) &&
      (targets.size === 0 || areWritesLimited(options, scope, targets))
    )
  })
}

function areWritesLimited({ driver, statement }: FilterOptions, scope: Scope, targets: Targets): boolean {
  const tokensOf = ({ first, end }: { first: number; end: number }) => statement.tokens.slice(first, end)
  const filter = filterOfAll(targets, scope.sources)
  if (filter === undefined || scope.where === undefined) return false
  const where = tokensOf(scope.where)
  if (print(where) !== print(filter) && !isGuarded(where, whereGuard(filter))) return false
  if (findUnguarded(driver, statement, scope, [...targets.keys()]) !== undefined) return false
  return (scope.joins ?? []).every((condition) => {
    const ofJoin = filterOfAll(targets, condition.sources)
    return ofJoin === undefined || isGuarded(tokensOf(condition), guardOf(ofJoin))
  })
}

/** The token under which a source's columns are qualified. */
function nameOf(statement: Statement, source: Source): Token {
  const token = statement.tokens[source.aliasToken ?? source.token ?? 0]
  return token ?? { kind: 'word', text: '', start: 0, end: 0 }
}

function wrap(
  { driver, statement }: FilterOptions,
  insertions: Insertions,
  source: Source,
  at: number,
  filter: Filter,
): void {
  const name = statement.tokens[at]
  if (name === undefined) return
  const { pieces } = fenced(driver, name, qualified(filter, name))
  insertions.instead(at, source.alias === undefined ? [...pieces, { ...name, role: 'alias' }] : pieces)
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
