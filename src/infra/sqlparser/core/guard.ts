import type { Scope, Source, SqlParserDriver, Statement, Token } from '../driver.ts'
import { type Piece, piece, print } from './print.ts'

const keyword = (text: string) => piece('word', text, 'keyword')

/** The rows of a table that meet a condition, for use in its place: nothing from outside is evaluated on other rows. */
export type Fenced = {
  readonly pieces: readonly Piece[]
  /** Where the table itself stands among them. */
  readonly table: number
}

export function fenced({ lex, fence }: SqlParserDriver, name: Token, condition: readonly Piece[]): Fenced {
  const pieces: Piece[] = [piece('punctuation', '(')]
  let table = 0
  for (const token of lex(fence).tokens) {
    if (token.kind === 'parameter') pieces.push(...condition)
    else if (token.kind !== 'word' || token.text !== 't') pieces.push(token)
    else {
      if (pieces.at(-1)?.text.toUpperCase() === 'FROM') table = pieces.length
      pieces.push(name)
    }
  }
  pieces.push(piece('punctuation', ')'))
  return { pieces, table }
}

/** Whether the table at a token stands inside of such a fence. */
export function isFenced(tokens: readonly Token[], at: number, { pieces, table }: Fenced): boolean {
  const first = at - table
  return first >= 0 && print(tokens.slice(first, first + pieces.length)) === print(pieces)
}

/** What goes before a condition and behind it. */
export type Guard = { readonly head: readonly Piece[]; readonly tail: readonly Piece[] }

const CASE_WHEN = [keyword('CASE'), keyword('WHEN')]
const HOLDS = [piece('number', '1'), piece('operator', '='), piece('number', '1')]

/**
 * Evaluates a condition where the filter holds only. Engines may evaluate what AND joins in any order, and one that fails
 * tells about the row; CASE they do not reorder. In the WHEN of its own it may be whatever the engine takes for a
 * condition, and SQLite still leaves out the rest of it when its beginning settles it.
 */
export function guardOf(filter: readonly Piece[]): Guard {
  return {
    head: [...CASE_WHEN, ...filter, keyword('THEN'), ...CASE_WHEN, piece('punctuation', '(')],
    tail: [piece('punctuation', ')'), keyword('THEN'), ...HOLDS, keyword('END'), keyword('END')],
  }
}

/** The same behind the filter itself, which an index can serve. */
export function whereGuard(filter: readonly Piece[]): Guard {
  const { head, tail } = guardOf(filter)
  return { head: [...filter, keyword('AND'), ...head], tail }
}

/** Whether all of these tokens are one condition with its guard. */
export function isGuarded(tokens: readonly Token[], { head, tail }: Guard): boolean {
  const behind = tokens.length - tail.length
  if (behind < head.length || print(tokens.slice(0, head.length)) !== print(head)) return false
  return print(tokens.slice(behind)) === print(tail) && closing(tokens, head.length - 1) === behind
}

function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at += 1) {
    const { kind, text } = tokens[at] ?? { kind: 'word', text: '' }
    if (kind !== 'punctuation') continue
    if (text === '(') depth += 1
    else if (text === ')') depth -= 1
    if (depth === 0) return at
  }
  return -1
}

/** What stands in FROM and would be evaluated on all rows of a target, with no place for a guard. */
export type Unguarded = { readonly token: number; readonly hint: string }

export function findUnguarded(
  { key }: SqlParserDriver,
  { scopes }: Statement,
  scope: Scope,
  targets: readonly Source[],
): Unguarded | undefined {
  const { from, joins = [], natural } = scope
  if (from === undefined || targets.length === 0) return undefined
  if (natural !== undefined) return { token: natural, hint: 'write JOIN … ON' }
  for (const inner of scopes)
    for (const { token, qualifier, using, within = inner.sources } of inner.refs) {
      if (token < from.first || token >= from.end) continue
      if (using !== undefined) {
        const isMeant = [...using.left, ...using.right].some((source) => targets.includes(source))
        if (isMeant) return { token, hint: 'write ON instead of USING' }
      } else if (!joins.some(({ first, end }) => first <= token && token < end)) {
        const visible = new Set(within)
        for (let outer = inner.outer; outer !== undefined; outer = outer.outer)
          for (const source of outer.sources) visible.add(source)
        const isMeant = targets.some(
          (target) =>
            visible.has(target) &&
            (qualifier === undefined || key(qualifier.name) === key(target.alias ?? target.name ?? '')),
        )
        if (isMeant) return { token, hint: 'read the rows in a sub-query of FROM' }
      }
    }
  return undefined
}
