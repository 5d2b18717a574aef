import type { Name, QualifiedName } from 'sqlite3-parser'
import { type Blocks, findBlocks } from '../../core/blocks.ts'
import { SqlParseError } from '../../core/errors.ts'
import type { Call, CteFrame, Lexed, Ref, Scope, Source, Token, TokenRole } from '../../driver.ts'

/** What may stand behind WHERE, or where WHERE would stand; all of them reserved. */
const STOPS: ReadonlySet<string> = new Set([
  'GROUP',
  'HAVING',
  'WINDOW',
  'ORDER',
  'LIMIT',
  'RETURNING',
  'UNION',
  'EXCEPT',
  'INTERSECT',
])

type Spanned = { readonly span: { readonly offset: number } }

/** What is collected while one syntax tree is read. */
export class Reading {
  readonly sql: string
  readonly tokens: readonly Token[]
  readonly scopes: Scope[] = []
  readonly calls: Call[] = []
  /** Table functions whose arguments see all sources of FROM but themselves. */
  readonly others: { within: Source[]; scope: Scope; source: Source }[] = []
  /** By the offset in the text: one more than the token that begins there, or 0. */
  readonly #at: Int32Array
  readonly #blocks: Blocks

  constructor(sql: string, { tokens }: Lexed) {
    this.sql = sql
    let end = tokens.length
    while (tokens[end - 1]?.text === ';') end -= 1
    this.tokens = end === tokens.length ? tokens : tokens.slice(0, end)
    this.#at = new Int32Array(sql.length + 1)
    for (let index = 0; index < this.tokens.length; index += 1) this.#at[this.tokens[index]?.start ?? 0] = index + 1
    this.#blocks = findBlocks(this.tokens, { stops: STOPS, reservedAfterAs: false })
  }

  /** The token at which a node begins. */
  at({ span }: Spanned): number {
    const index = this.#at[span.offset] ?? 0
    if (index === 0) throw this.refuse('the statement is not understood', span.offset)
    return index - 1
  }

  refuse(message: string, offset: number, hint?: string): SqlParseError {
    return new SqlParseError(message, this.sql, { at: offset, ...(hint !== undefined && { hint }) })
  }

  /** Gives the token of a name its role. */
  mark(node: Spanned, role: TokenRole): number {
    const index = this.at(node)
    const token = this.tokens[index]
    if (token !== undefined) token.role = role
    return index
  }

  /** FROM has been read: the arguments of the table functions in it, from the given one on, see what is there now. */
  seeOthers(first: number): void {
    for (const { within, scope, source } of this.others.splice(first))
      for (const other of scope.sources) if (other !== source) within.push(other)
  }

  scope(outer: Scope | undefined, frame: CteFrame | undefined): Scope {
    return { outer, frame, sources: [], refs: [], outputs: [], mentions: [] }
  }

  /** A scope has been read to its end. `start` is the node that begins its clauses. */
  finish(scope: Scope, start?: Spanned): Scope {
    const block = start === undefined ? undefined : this.#blocks.byStart.get(this.at(start))
    if (block?.listEnd !== undefined) scope.listEnd = block.listEnd
    if (block?.where !== undefined) scope.where = block.where
    if (block?.whereAt !== undefined) scope.whereAt = block.whereAt
    this.scopes.push(scope)
    return scope
  }

  /** The first keyword of the statement itself, outside all brackets. */
  keyword(word: string): Spanned {
    let depth = 0
    for (const { kind, text, start, role } of this.tokens) {
      if (kind === 'punctuation') depth += text === '(' ? 1 : text === ')' ? -1 : 0
      else if (depth === 0 && role === 'keyword' && text.toUpperCase() === word) return { span: { offset: start } }
    }
    throw this.refuse('the statement is not understood', 0)
  }

  /** Where blocks begin with a word, in the order of the text. */
  starts(word: string): Spanned[] {
    return [...this.#blocks.byStart.keys()]
      .map((index) => this.tokens[index])
      .filter((token) => token?.text.toUpperCase() === word)
      .map((token) => ({ span: { offset: token?.start ?? 0 } }))
  }

  /** A table as it is named in FROM or as a target. */
  table(name: QualifiedName, alias: Name | undefined, target: boolean): Source {
    const { objName, dbName } = name
    const given = alias ?? name.alias
    return {
      kind: 'table',
      name: objName.text,
      token: this.mark(objName, 'table'),
      ...(dbName && { schema: dbName.text, schemaToken: this.mark(dbName, 'schema') }),
      ...(given && { alias: given.text, aliasToken: this.mark(given, 'alias') }),
      ...(target && { target }),
    }
  }

  /** A column that can only be one of a known table: of INSERT, SET, DDL. */
  columnOf(source: Source, name: Name): Ref {
    return { token: this.mark(name, 'column'), column: name.text, only: source }
  }

  call(node: Spanned, name: string): void {
    this.calls.push({ token: this.mark(node, 'call'), name: name.toLowerCase() })
  }
}
