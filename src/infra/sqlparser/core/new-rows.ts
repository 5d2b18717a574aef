import { AppError } from '../../../base/errors.ts'
import type { InsertShape, Scope, Source, SqlParserDriver, SqlValue, Statement, Token } from '../driver.ts'
import type { Filter } from './condition.ts'
import { Insertions, namePiece } from './edit.ts'
import { type Piece, piece } from './print.ts'

export type NewRowsOptions = {
  driver: SqlParserDriver
  statement: Statement
  refuse(message: string, token: number, hint?: string): Error
}

/** A value that every new row must have, as one literal. */
export type Fixed = { readonly name: string; readonly value: Pick<Token, 'kind' | 'text'> }

/** By the key of the column. */
export type FixedColumns = ReadonlyMap<string, Fixed>

/** The values as literals. Throws `invalid_argument` for a column that is named twice. */
export function fixedColumns(
  driver: SqlParserDriver,
  columns: readonly { readonly colName: string; readonly value: SqlValue }[],
): FixedColumns {
  const fixed = new Map<string, Fixed>()
  for (const { colName, value } of columns) {
    const key = driver.key(colName)
    if (fixed.has(key)) throw new AppError('invalid_argument', `the column ${colName} is named twice`)
    const kind = typeof value === 'string' ? 'string' : 'number'
    fixed.set(key, { name: colName, value: { kind, text: driver.literal(value) } })
  }
  return fixed
}

/** What a filter says about new rows: `a = 1 AND b = 'x'` fixes both columns, anything else nothing (`undefined`). */
export function fixedByFilter(driver: SqlParserDriver, filter: Filter): FixedColumns | undefined {
  const { statement, first, end } = filter
  const bare = new Map(statement.root.refs.flatMap((ref) => (ref.qualifier ? [] : [[ref.token, ref.column]])))
  const fixed = new Map<string, Fixed>()
  for (let at = first; at < end; at += 4) {
    const name = bare.get(at)
    const [equals, value, and] = statement.tokens.slice(at + 1, Math.min(at + 4, end))
    if (name === undefined || equals?.text !== '=' || (value?.kind !== 'string' && value?.kind !== 'number'))
      return undefined
    if (and !== undefined && (and.role !== 'keyword' || and.text.toUpperCase() !== 'AND')) return undefined
    if (fixed.has(driver.key(name))) return undefined
    fixed.set(driver.key(name), { name, value })
  }
  return fixed
}

/**
 * Adds the columns that an INSERT does not name, and their values to each row of VALUES or to the select lists of its
 * query. What it names itself is left to `checkNewRows`.
 */
export function addFixed(options: NewRowsOptions, fixed: FixedColumns): readonly Piece[] {
  const { driver, statement } = options
  const { insert, list } = listOf(options)
  const named = new Set(list.tokens.map((token) => keyAt(options, token)))
  const insertions = new Insertions(statement)
  for (const [key, { name, value }] of fixed) {
    if (named.has(key)) continue
    const comma = piece('punctuation', ',')
    const literal = piece(value.kind, value.text)
    insertions.before(list.close, comma, namePiece(driver, name, 'column'))
    for (const { close } of insert.rows ?? []) insertions.before(close, comma, literal)
    for (const end of listEnds(options, insert)) insertions.before(end, comma, literal)
  }
  return insertions.apply()
}

/** Refuses an INSERT unless each of its new rows has these values, written as plain literals. */
export function checkNewRows(options: NewRowsOptions, fixed: FixedColumns): void {
  const { statement, refuse } = options
  const { insert, list } = listOf(options)
  const keys = list.tokens.map((token) => keyAt(options, token))
  for (const [key, { value }] of fixed) {
    const position = keys.indexOf(key)
    if (position === -1) throw refuse('the INSERT leaves out a column that its new rows must have', list.close)
    if (position !== keys.lastIndexOf(key)) throw refuse('a column is named twice', list.tokens[position] ?? 0)
    const behind = statement.tokens[(list.tokens[position] ?? 0) + 1]
    if (behind?.kind !== 'punctuation' || (behind.text !== ',' && behind.text !== ')'))
      throw refuse('a part of a column is no column', list.tokens[position] ?? 0)
    for (const row of insert.rows ?? []) {
      const [first, end] = itemAt(statement, row, position)
      if (end !== first + 1 || !isSame(statement.tokens[first], value)) throw foreign(options, first)
    }
    for (const end of listEnds(options, insert)) {
      const [first, behind] = itemFromEnd(statement, end, keys.length - 1 - position)
      if (behind !== first + 1 || !isSame(statement.tokens[first], value)) throw foreign(options, end - 1)
    }
  }
}

const foreign = ({ refuse }: NewRowsOptions, token: number) =>
  refuse('a new row would be outside of what the statement is limited to', token)

const isSame = (token: Token | undefined, { kind, text }: Fixed['value']): boolean =>
  token?.kind === kind && token.text === text

/**
 * An item of a select list, as token indexes, end exclusive, counted from the end: so it goes to the column with the
 * same place in the list of columns, whatever a star before it stands for. Empty when a star is behind it.
 */
function itemFromEnd({ tokens }: Statement, listEnd: number, fromEnd: number): [number, number] {
  let end = listEnd
  let left = fromEnd
  let depth = 0
  for (let at = listEnd - 1; at >= 0; at -= 1) {
    const { kind, text, role } = tokens[at] ?? { kind: 'word', text: '' }
    const isFirst = depth === 0 && role === 'keyword' && text.toUpperCase() === 'SELECT'
    if (isFirst || (depth === 0 && kind === 'punctuation' && text === ',')) {
      if (left === 0) return [at + 1, end]
      if (isFirst || tokens[end - 1]?.text === '*') break
      left -= 1
      end = at
    } else if (kind === 'punctuation') depth += text === ')' || text === ']' ? 1 : text === '(' || text === '[' ? -1 : 0
  }
  return [listEnd, listEnd]
}

/** An item of a row in brackets, as token indexes, end exclusive; empty when there are not so many. */
function itemAt({ tokens }: Statement, row: { open: number; close: number }, position: number): [number, number] {
  let first = row.open + 1
  let left = position
  let depth = 0
  for (let at = first; at <= row.close; at += 1) {
    const { kind, text } = tokens[at] ?? { kind: 'word', text: '' }
    if (kind !== 'punctuation') continue
    if (depth === 0 && (text === ',' || at === row.close)) {
      if (left === 0) return [first, at]
      left -= 1
      first = at + 1
    } else if (text === '(' || text === '[') depth += 1
    else if (text === ')' || text === ']') depth -= 1
  }
  return [row.close, row.close]
}

function listOf({ statement, refuse }: NewRowsOptions) {
  const { insert, root } = statement
  if (insert === undefined) throw refuse('only INSERT statements make new rows', 0)
  const at = root.sources[0]?.token ?? 0
  if (insert.rows === undefined && insert.query === undefined)
    throw refuse('the new rows are neither written in the INSERT nor made by a query', at, 'write INSERT … VALUES')
  const list = insert.columns
  if (list === undefined || list.tokens.length === 0)
    throw refuse('the INSERT has no list of columns', at, 'name the columns')
  const empty = insert.rows?.find(({ open, close }) => close === open + 1)
  if (empty !== undefined) throw refuse('a row has no values', empty.open)
  return { insert, list }
}

/** Where the select lists end that the rows of an INSERT come from, one for each query of a set operation. */
function listEnds({ statement, refuse }: NewRowsOptions, { query }: InsertShape): number[] {
  const ends: number[] = []
  const open: Scope[] = query === undefined ? [] : [query]
  for (let scope = open.pop(); scope !== undefined; scope = open.pop()) {
    if (scope.arms !== undefined) open.push(...scope.arms)
    else if (scope.listEnd !== undefined) ends.push(scope.listEnd)
    else
      throw refuse(
        'the rows of the INSERT come from no select list',
        statement.root.sources[0]?.token ?? 0,
        'use SELECT',
      )
  }
  return ends
}

function keyAt({ driver, statement }: NewRowsOptions, token: number): string {
  const found = statement.tokens[token]
  return found === undefined ? '' : driver.key(driver.nameOf(found))
}

/**
 * Refuses what would write a row out of the reach of its table's filter: new rows with other values than the filter
 * asks for, and SET of columns that a filter looks at.
 */
export function checkWrites(options: NewRowsOptions, filterFor: (source: Source, scope: Scope) => Filter | undefined) {
  const { statement, driver, refuse } = options
  for (const scope of statement.scopes) {
    for (const source of scope.sources) {
      const filter = filterFor(source, scope)
      if (filter === undefined || source.token === undefined) continue
      if (scope.sets !== undefined) checkSets(options, scope, source, filter)
      if (source.target !== true || scope.operation !== 'INSERT') continue
      // The scope of a conflict's target has the table of the INSERT itself.
      if (scope !== statement.root && source === statement.root.sources[0]) continue
      if (scope !== statement.root) throw refuse('the new rows of a sub-query cannot be limited', source.token)
      const fixed = fixedByFilter(driver, filter)
      if (fixed === undefined) throw refuse('new rows cannot be held to this filter', source.token)
      checkNewRows(options, fixed)
    }
  }
}

/** Refuses common table expressions that write: what a statement writes is what it is called by. */
export function checkSingleWrite({ root, scopes }: Statement, refuse: NewRowsOptions['refuse']): void {
  for (const { operation, sources } of scopes) {
    const [target] = sources
    if (operation === undefined || target === root.sources[0]) continue
    throw refuse('a sub-query that writes is not allowed', target?.token ?? 0)
  }
}

function checkSets({ driver, refuse }: NewRowsOptions, scope: Scope, source: Source, filter: Filter): void {
  const held = new Set(filter.statement.scopes.flatMap(({ refs }) => refs.map(({ column }) => driver.key(column))))
  const name = driver.key(source.alias ?? source.name ?? '')
  for (const { column, qualifier, token } of scope.sets ?? []) {
    const isOther = qualifier !== undefined && driver.key(qualifier.name) !== name
    if (!isOther && held.has(driver.key(column)))
      throw refuse('the column decides who may reach the row; it cannot be set', token)
  }
}
