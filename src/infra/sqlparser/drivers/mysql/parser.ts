import { SqlParseError } from '../../core/errors.ts'
import type { Call, CteFrame, Ref, Scope, Source, SqlOperation, TokenRole } from '../../driver.ts'
import { nameOf } from './names.ts'
import { MysqlToken } from './token.ts'

/** Brackets, CASE and braces inside one another; each takes a handful of stack frames, some of them more than others. */
const MAX_DEPTH = 1000
/** The server's own limit on queries inside one another. */
const MAX_QUERIES = 63

/** Rules that call one another across files. */
export interface Rules {
  /** An expression; its reference when it is nothing but a column. `given`: its first operand has been read already. */
  expression(p: Parser, given?: boolean): Ref | undefined
  /** A query with all its clauses. `outer` is the scope that it sees, `given` its first query, if that has been read. */
  query(p: Parser, outer: Scope | undefined, given?: Scope): Scope
  /** The part of an expression that holds no comparison, IN, AND or OR. */
  arithmetic(p: Parser): unknown
  /** One operand, with its signs. */
  operand(p: Parser): unknown
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What references mean at the place that is being read. */
export type RefContext = {
  readonly alias: Ref['alias']
  readonly only: Source | undefined
  readonly within: readonly Source[] | undefined
}

const PLAIN: RefContext = { alias: undefined, only: undefined, within: undefined }

/** The state of reading one statement: a cursor over the tokens, and what has been found so far. */
export class Parser {
  readonly sql: string
  readonly rules: Rules
  readonly tokens: readonly MysqlToken[]
  readonly scopes: Scope[] = []
  readonly calls: Call[] = []
  /** The index of `token`. */
  at = 0
  /** The token to be read next; at the end one without text. */
  token: MysqlToken
  scope: Scope
  frame: CteFrame | undefined
  context: RefContext = PLAIN
  /** The table that INSERT writes to. */
  insertTarget: Source | undefined
  readonly #end: MysqlToken
  #depth = 0
  #queries = 0

  /** `tokens` are those of `lex`, without the `;` at the end. */
  constructor(sql: string, tokens: readonly MysqlToken[], rules: Rules) {
    this.sql = sql
    this.tokens = tokens
    this.rules = rules
    this.#end = new MysqlToken('punctuation', '', sql.length, '', true)
    this.token = tokens[0] ?? this.#end
    this.scope = this.newScope(undefined)
  }

  peek(ahead: number): MysqlToken {
    return this.tokens[this.at + ahead] ?? this.#end
  }

  get atEnd(): boolean {
    return this.at >= this.tokens.length
  }

  advance(): void {
    this.token = this.tokens[++this.at] ?? this.#end
  }

  is(word: string): boolean {
    return this.token.word === word
  }

  /** Reads the keyword, operator or punctuation if it is next. */
  accept(word: string): boolean {
    if (this.token.word !== word) return false
    if (this.token.kind === 'word') this.token.role = 'keyword'
    this.advance()
    return true
  }

  /** Reads the two words if both are next. */
  acceptBoth(first: string, second: string): boolean {
    if (this.token.word !== first || this.peek(1).word !== second) return false
    this.expect(first)
    this.expect(second)
    return true
  }

  /** Reads one of the words; undefined if none is next. */
  acceptOne(words: ReadonlySet<string>): string | undefined {
    const { word } = this.token
    return words.has(word) && this.accept(word) ? word : undefined
  }

  expect(word: string): void {
    if (!this.accept(word)) throw this.expected(word)
  }

  expectOne(words: ReadonlySet<string>, what: string): string {
    const word = this.acceptOne(words)
    if (word === undefined) throw this.expected(what)
    return word
  }

  /** A name may stand here: a quoted one, or a word that is not reserved. */
  get isName(): boolean {
    const { kind, reserved } = this.token
    return kind === 'quoted' || (kind === 'word' && !reserved)
  }

  /** Reads a name and gives it a role. */
  name(role: TokenRole, what = 'a name'): string {
    if (!this.isName) throw this.expected(what)
    return this.anyName(role)
  }

  /** Reads the next token as a name, whatever it is. */
  anyName(role: TokenRole): string {
    const { token } = this
    token.role = role
    this.advance()
    return nameOf(token)
  }

  number(what = 'a number'): void {
    if (this.token.kind !== 'number') throw this.expected(what)
    this.advance()
  }

  text(what = 'a text in quotes'): void {
    if (this.token.kind !== 'string') throw this.expected(what)
    this.advance()
  }

  /** Reads `(`, what `read` reads, one or more times with commas between, and `)`. */
  list(read: (p: Parser) => void): void {
    this.expect('(')
    this.series(read)
    this.expect(')')
  }

  series(read: (p: Parser) => void): void {
    do read(this)
    while (this.accept(','))
  }

  newScope(outer: Scope | undefined, operation?: SqlOperation): Scope {
    const scope: Scope = { outer, frame: this.frame, sources: [], refs: [], outputs: [], mentions: [] }
    if (operation !== undefined) scope.operation = operation
    return scope
  }

  /** Runs `read` with another meaning of references. */
  inContext<T>(context: Partial<RefContext>, read: () => T): T {
    const saved = this.context
    this.context = { ...saved, ...context }
    const result = read()
    this.context = saved
    return result
  }

  /** Runs `read` for a query inside the current one: nothing of the current query's clause holds there. */
  inQuery<T>(read: () => T): T {
    const { scope, frame, context } = this
    this.context = PLAIN
    const result = read()
    this.scope = scope
    this.frame = frame
    this.context = context
    return result
  }

  /** Runs `read` for a part of a query: these may only be so many inside one another. */
  inSelect<T>(read: () => T): T {
    if (++this.#queries > MAX_QUERIES) throw this.fail('too many queries inside one another', this.at)
    const result = read()
    this.#queries--
    return result
  }

  /** Notes one more level of nesting; `leave` takes it back. `cost` is more than 1 where it takes more stack. */
  enter(cost = 1): void {
    this.#depth += cost
    if (this.#depth > MAX_DEPTH) throw this.fail('the statement is nested too deeply', this.at)
  }

  leave(cost = 1): void {
    this.#depth -= cost
  }

  /** Notes a reference to a column, whose tokens have been read, with what it means here. */
  refer(token: number, column: string, qualifier?: Ref['qualifier']): Mutable<Ref> {
    const { alias, only, within } = this.context
    const ref: Mutable<Ref> = qualifier === undefined ? { token, column } : { token, column, qualifier }
    if (alias !== undefined && qualifier === undefined) ref.alias = alias
    if (only !== undefined) {
      ref.only = only
      if (qualifier !== undefined) this.scope.mentions.push({ token: qualifier.token, name: qualifier.name })
    }
    if (within !== undefined) ref.within = within
    this.scope.refs.push(ref)
    return ref
  }

  call(token: number, name: string): void {
    this.calls.push({ token, name: name.toLowerCase() })
  }

  /** The error for a token that does not fit; `what` fits. */
  expected(what: string): SqlParseError {
    const { token } = this
    const message = `failed to parse SQL: expected ${SIGNS[what] ?? what}, found ${describe(token)}`
    return this.fail(message, this.at, hintFor(what, token, this.peek(-1)))
  }

  /** An error at a token. */
  fail(message: string, at: number, hint?: string): SqlParseError {
    const offset = this.tokens[at]?.start ?? this.sql.trimEnd().length
    return new SqlParseError(message, this.sql, hint === undefined ? { at: offset } : { at: offset, hint })
  }
}

const SIGNS: Readonly<Record<string, string>> = {
  ',': 'a comma',
  '.': 'a point',
  ';': 'a semicolon',
  '(': 'an opening bracket',
  ')': 'a closing bracket',
}
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  parameter: 'a parameter',
  variable: 'a variable',
}

function describe(token: MysqlToken): string {
  if (token.text === '') return 'the end of the statement'
  if (token.kind === 'word') return token.reserved || token.role === 'keyword' ? token.word : 'a name'
  if (token.word !== '') return SIGNS[token.word] ?? token.word
  return KINDS[token.kind] ?? 'a name'
}

const FOREIGN: Readonly<Record<string, string>> = {
  OUTER: 'MySQL has no FULL JOIN',
  RETURNING: 'MySQL has no RETURNING',
  CONFLICT: 'MySQL writes ON DUPLICATE KEY UPDATE',
  INTO: 'SELECT … INTO is not supported',
  ';': 'only one statement is allowed',
  '=': 'a comparison is written with one =',
}

function hintFor(what: string, token: MysqlToken, before: MysqlToken): string | undefined {
  const foreign = token.kind === 'quoted' ? undefined : FOREIGN[token.text.toUpperCase()]
  if (foreign !== undefined) return foreign
  if ([before, token].some(({ kind, text }) => kind === 'word' && text.toUpperCase() === 'ILIKE'))
    return 'MySQL has no ILIKE; LIKE ignores case unless the collation says otherwise'
  if (!what.startsWith('a name') && !what.startsWith('an alias') && !what.startsWith('a value')) return undefined
  if (token.kind === 'word' && token.reserved && token.word !== '_CHARSET' && token.word !== '')
    return `${token.word} is reserved: as a name it must stand in back-quotes`
  if (token.kind === 'string' && token.text.startsWith('"')) return 'names are quoted with back-quotes, not with "'
  return undefined
}
