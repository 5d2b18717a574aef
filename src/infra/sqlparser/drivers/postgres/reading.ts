import type { Node, TypeName } from 'libpg-query'
import { type Blocks, findBlocks } from '../../core/blocks.ts'
import { SqlParseError } from '../../core/errors.ts'
import type { Call, CteFrame, Lexed, Ref, Scope, Source, Token, TokenRole } from '../../driver.ts'
import { nameOf } from './names.ts'
import type { Native } from './native.ts'

/** What may stand behind WHERE, or where WHERE would stand; all of them reserved. */
const STOPS: ReadonlySet<string> = new Set(
  'GROUP HAVING WINDOW ORDER LIMIT OFFSET FETCH FOR RETURNING UNION EXCEPT INTERSECT'.split(' '),
)

/** What is collected while one syntax tree is read. */
export class Reading {
  readonly sql: string
  readonly tokens: readonly Token[]
  readonly scopes: Scope[] = []
  readonly calls: Call[] = []
  /** The token that begins a query. */
  readonly starts = new Map<Scope, number>()
  /** The last token that a node of the tree was found at, in the order of the text. */
  touched = -1
  /** Where a list behind USING has been read. */
  readonly usings = new Set<number>()
  readonly #native: Native
  #blocks: Blocks | undefined
  #brackets: Brackets | undefined

  constructor(sql: string, { tokens }: Lexed, native: Native) {
    this.sql = sql
    this.#native = native
    let end = tokens.length
    while (tokens[end - 1]?.text === ';') end -= 1
    this.tokens = end === tokens.length ? tokens : tokens.slice(0, end)
  }

  get blocks(): Blocks {
    this.#blocks ??= findBlocks(this.tokens, { stops: STOPS, reservedAfterAs: true })
    return this.#blocks
  }

  refuse(message: string, token = 0, hint?: string): SqlParseError {
    const at = this.tokens[token]?.start ?? this.sql.length
    return new SqlParseError(message, this.sql, { at, ...(hint !== undefined && { hint }) })
  }

  /** The token at the place that a node of the tree gives. */
  at(location: number | undefined): number {
    const index = location === undefined ? undefined : this.#native.tokenAt(location)
    if (index === undefined) throw this.refuse('the statement is not understood')
    this.touched = Math.max(this.touched, index)
    return index
  }

  /** Whether a token is this name. */
  isName(index: number, name: string): boolean {
    const token = this.tokens[index]
    return token !== undefined && (token.kind === 'word' || token.kind === 'quoted') && nameOf(token) === name
  }

  /** Gives a token its role; it must be the name that the tree says. */
  mark(index: number, name: string, role: TokenRole): number {
    const token = this.tokens[index]
    if (token === undefined || !this.isName(index, name)) throw this.refuse('the statement is not understood', index)
    token.role = role
    return index
  }

  is(index: number, text: string): boolean {
    const token = this.tokens[index]
    return token?.kind !== 'quoted' && token?.kind !== 'string' && token?.text.toUpperCase() === text
  }

  /** The alias behind the name of a table, over the brackets and star that may follow it. */
  aliasBehind(index: number, name: string): number | undefined {
    let at = index
    while (this.is(at, ')') || this.is(at, '*')) at += 1
    return this.#aliasAt(at, name)
  }

  /** The alias behind a bracket that holds a token: the innermost bracket that this name follows. */
  aliasAround(inside: number, name: string): number | undefined {
    this.#brackets ??= bracketsOf(this.tokens)
    const { openOf, closeOf } = this.#brackets
    for (let open = openOf[inside]; open !== undefined; open = openOf[open]) {
      const close = closeOf.get(open)
      const found = close === undefined ? undefined : this.#aliasAt(close + 1, name)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The end of the brackets around a token, or of the statement. */
  endAround(inside: number): number {
    this.#brackets ??= bracketsOf(this.tokens)
    const open = this.#brackets.openOf[inside]
    return (open === undefined ? undefined : this.#brackets.closeOf.get(open)) ?? this.tokens.length
  }

  #aliasAt(index: number, name: string): number | undefined {
    let at = this.is(index, 'WITH') && this.is(index + 1, 'ORDINALITY') ? index + 2 : index
    if (this.is(at, 'AS')) at += 1
    return this.isName(at, name) ? this.mark(at, name, 'alias') : undefined
  }

  /** The bracket that closes the one at a token. */
  closing(open: number): number {
    let depth = 0
    for (let at = open; at < this.tokens.length; at += 1) {
      if (this.is(at, '(')) depth += 1
      else if (this.is(at, ')')) depth -= 1
      if (depth === 0) return at
    }
    throw this.refuse('the statement is not understood', open)
  }

  /** The items between the brackets at a token, as the index of the first token of each. */
  items(open: number): number[] {
    if (!this.is(open, '(')) throw this.refuse('the statement is not understood', open)
    const items = [open + 1]
    const close = this.closing(open)
    let depth = 0
    for (let at = open; at < close; at += 1) {
      if (this.is(at, '(')) depth += 1
      else if (this.is(at, ')')) depth -= 1
      else if (depth === 1 && this.is(at, ',')) items.push(at + 1)
    }
    return items
  }

  scope(outer: Scope | undefined, frame: CteFrame | undefined): Scope {
    return { outer, frame, sources: [], refs: [], outputs: [], mentions: [] }
  }

  /** A scope has been read to its end. `inside` is a token of its select list, or the first one of the statement. */
  finish(scope: Scope, inside?: number): Scope {
    const block = inside === undefined ? undefined : this.blocks.around[inside]
    if (block !== undefined) this.starts.set(scope, block.start)
    if (block?.listEnd !== undefined) scope.listEnd = block.listEnd
    if (block?.where !== undefined) scope.where = block.where
    if (block?.whereAt !== undefined) scope.whereAt = block.whereAt
    this.scopes.push(scope)
    return scope
  }

  /** A column that can only be one of a known table. */
  columnOf(source: Source, index: number, name: string): Ref {
    return { token: this.mark(index, name, 'column'), column: name, only: source }
  }

  /** The name of a type is no keyword, though it may be one elsewhere. */
  type(type: TypeName | undefined): void {
    const token = this.tokens[this.#native.tokenAt(type?.location ?? -1) ?? -1]
    if (token?.role === 'keyword') delete token.role
  }

  call(token: number, name: string): void {
    this.calls.push({ token, name: name.toLowerCase() })
  }
}

type Brackets = {
  /** The innermost bracket around each token. */
  readonly openOf: readonly (number | undefined)[]
  readonly closeOf: ReadonlyMap<number, number>
}

function bracketsOf(tokens: readonly Token[]): Brackets {
  const openOf: (number | undefined)[] = []
  const closeOf = new Map<number, number>()
  const open: number[] = []
  tokens.forEach(({ kind, text }, index) => {
    if (kind === 'punctuation' && text === ')') closeOf.set(open.pop() ?? -1, index)
    openOf.push(open.at(-1))
    if (kind === 'punctuation' && text === '(') open.push(index)
  })
  return { openOf, closeOf }
}

/** The texts of a list of names; anything else in it is left out. */
export function namesIn(nodes: readonly Node[] | undefined): string[] {
  const names: string[] = []
  for (const node of nodes ?? []) if ('String' in node) names.push(node.String.sval ?? '')
  return names
}
