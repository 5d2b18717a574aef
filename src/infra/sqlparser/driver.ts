import type { SqlLimits } from './policy/limits.ts'

/** The grammars that Snug knows. Each is parsed natively; none is rewritten into another. */
export type Dialect = 'mysql' | 'sqlite' | 'postgres'

/** What a statement does. Anything else that a grammar accepts (PRAGMA, SET, CALL, DROP VIEW …) is refused. */
export type SqlOperation = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'CREATE' | 'ALTER' | 'DROP' | 'TRUNCATE'

/** A value that can become a literal. Integers keep all digits; numbers must be finite. */
export type SqlValue = null | boolean | number | bigint | string | Uint8Array

/**
 * The lexer's classes. `quoted` is a quoted *name*; a text in quotes is a `string` (with its prefix: `E'…'`, `x'…'`,
 * `_utf8'…'`). `punctuation` is one of `( ) [ ] , . ;`, everything else that is no word is an `operator`.
 * `parameter` is `?`, `$1`, `:name`; `variable` is `@x`, `@@x`.
 */
export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'operator' | 'punctuation' | 'parameter' | 'variable'

/**
 * What a word means at its place. The lexer sets `keyword` on every word that is one; the parser then overrides it for
 * words that turn out to be names. Only names are ever quoted, only keywords are ever printed in capitals. A word
 * without a role (a type, a charset) is printed as written.
 * `table`: a table's own name where it is read or written. `schema`: the part before it. `qualifier`: the part before
 * a column. `column`: a column. `alias`: a new name given here, before which `AS` may be printed (tables and output
 * columns). `name`: any other name (CTE, window, constraint, index, column lists of CTEs). `call`: a function's name.
 */
export type TokenRole = 'keyword' | 'table' | 'schema' | 'qualifier' | 'column' | 'alias' | 'name' | 'call'

/** One token. Comments and white space are none. Tokens are referred to by their index in `Statement.tokens`. */
export interface Token {
  readonly kind: TokenKind
  /** As written, quotes included. */
  readonly text: string
  /** UTF-16 offsets into the text that the caller gave, end exclusive. */
  readonly start: number
  readonly end: number
  role?: TokenRole
  /** Set on the commas between assignments of SET: they are printed with a space behind. */
  wide?: boolean
}

/** What lexing gives. A trailing `;` is still among the tokens. */
export interface Lexed {
  readonly tokens: Token[]
  /** Where comments were, optimizer hints included. Filters may hold none. */
  readonly comments: readonly { readonly start: number; readonly end: number }[]
}

/**
 * The common table expressions that a scope sees, as a chain: lookup walks `parent` until the name is found. The front
 * end decides who sees whom by the frame it hands out: for a plain `WITH a …, b …` the body of `a` gets the frame
 * around the WITH, `b` one that holds `a`, the query one that holds both; with RECURSIVE a body's frame holds itself.
 */
export interface CteFrame {
  readonly parent: CteFrame | undefined
  /** By comparison key (`SqlParserDriver.key`). */
  readonly ctes: ReadonlyMap<string, Cte>
}

export interface Cte {
  readonly name: string
  readonly token: number
  /** The names of `WITH c (a, b)`; then the body's own names are invisible outside. */
  columns?: readonly string[]
  /** Filled when the body has been read; a recursive body refers to its own CTE before that. */
  query?: Scope
}

/**
 * One query block: a SELECT core, an INSERT, UPDATE or DELETE with its clauses, or the body of a DDL statement.
 * ON CONFLICT … DO UPDATE is a scope of its own too, with the operation UPDATE, a `where` or `whereAt`, and the sources
 * target (the very same object as in the INSERT) and `excluded`.
 * A set operation is a scope of its own with `arms` and no sources; its references are those of its ORDER BY.
 * Sub-queries are scopes of their own, in whatever clause they stand.
 */
export interface Scope {
  /** Where columns that are not found here are looked up: the scope around a sub-query (or around LATERAL). A derived
   * table's is that of the query around it, not that query itself: it does not see its neighbours. */
  readonly outer: Scope | undefined
  readonly frame: CteFrame | undefined
  /** In the order of FROM; the target of INSERT, UPDATE, DELETE and DDL comes first. */
  readonly sources: Source[]
  readonly refs: Ref[]
  /** The select list, or RETURNING. */
  readonly outputs: Output[]
  /** Where a source is named alone: `t.*`, `FOR UPDATE OF t`, the tables of a multi-table DELETE. */
  readonly mentions: Mention[]
  /** The queries of a set operation (or parenthesised query), first to last. */
  arms?: Scope[]
  /** The columns that SET writes to, in UPDATE, ON CONFLICT … DO UPDATE and ON DUPLICATE KEY UPDATE. */
  sets?: Ref[]
  /** Set when this scope writes: the statement itself, or a CTE of PostgreSQL that modifies data. */
  operation?: SqlOperation
  /** GROUP BY or DISTINCT is there. */
  grouped?: boolean
  /** An aggregate stands in the select list or HAVING of this very scope; window calls do not count. */
  aggregate?: boolean
  /** The first token of a NATURAL join in FROM. */
  natural?: number
  /** Token index just behind the select list: where a further field goes. Needed for the main scope of a SELECT. */
  listEnd?: number
  /** The condition behind WHERE, as token indexes, end exclusive. Needed for SELECT, UPDATE and DELETE scopes. */
  where?: { readonly first: number; readonly end: number }
  /** Where `WHERE …` goes when there is none: the index of the token that follows it, or the number of tokens. */
  whereAt?: number
  /** The items of FROM where they may refer to what the statement writes to, as token indexes, end exclusive. */
  from?: { readonly first: number; readonly end: number }
  /** The conditions behind ON in it, and the sources that they see. */
  joins?: { readonly first: number; readonly end: number; readonly sources: readonly Source[] }[]
}

/** One item of FROM, or the target of a writing statement. */
export interface Source {
  /**
   * `table`: a name, of a table or of a CTE (the resolver tells which, by the frame). `query`: a derived table.
   * `function`: a table function, VALUES, JSON_TABLE: its columns are `columns`, or unknown.
   */
  readonly kind: 'table' | 'query' | 'function'
  /** As the engine reads it: unquoted and, where the dialect folds, folded. */
  readonly name?: string
  /** Absent when the name is not written here (`excluded`, `old`, `new`): then it has an `alias` and cannot be renamed. */
  readonly token?: number
  readonly schema?: string
  readonly schemaToken?: number
  readonly alias?: string
  readonly aliasToken?: number
  /** The statement writes to it (never a CTE): INSERT INTO, UPDATE, DELETE FROM, DDL. */
  readonly target?: boolean
  /** Column names given here: `AS t (a, b)`. They replace the names inside, from the left. */
  readonly columns?: readonly string[]
  readonly query?: Scope
}

/** The exposed name (alias, or else table name) of a source, where no column follows. */
export interface Mention {
  readonly token: number
  readonly name: string
  /** All columns as one value, inside of an expression: `to_jsonb(t.*)`. */
  readonly isRow?: boolean
}

/** A reference to a column. */
export interface Ref {
  readonly token: number
  readonly column: string
  readonly qualifier?: { readonly name: string; readonly token: number; readonly schemaToken?: number }
  /**
   * Whether a name of the select list may be meant. `first`: it wins over columns (the plain names of ORDER BY; of
   * HAVING in MySQL). `last`: only when no source has the column (GROUP BY, HAVING, expressions in ORDER BY; WHERE in
   * SQLite). Absent: never.
   */
  readonly alias?: 'first' | 'last'
  /** Only this source is meant: columns of INSERT, targets of SET, of ON CONFLICT, `VALUES(col)`, columns of DDL. */
  readonly only?: Source
  /** Only these sources of the scope are visible, then `outer`: the operands of JOIN … ON, where the dialect says so. */
  readonly within?: readonly Source[]
  /** A column of `JOIN … USING (…)`: it names a column on both sides. */
  readonly using?: { readonly left: readonly Source[]; readonly right: readonly Source[] }
}

/** One item of the select list. */
export interface Output {
  /** The label as the engine will give it, where it is a plain name: an alias, or a column's own name. */
  readonly name?: string
  /** The reference that the label comes from; then a renamed column renames the label. Absent for an alias. */
  readonly ref?: Ref
  /** `*` (no qualifier) or `t.*`. */
  readonly star?: { readonly qualifier?: string }
}

/** A function's name as it is called, for allow-lists; also words that call without brackets (CURRENT_USER), and the
 * functions behind special syntax (`extract`). */
export interface Call {
  readonly token: number
  /** In lower case; with its schema where one is written: `pg_catalog.pg_sleep`. */
  readonly name: string
}

/** One parsed statement: its tokens, and everything in it that is a name. */
export interface Statement {
  readonly operation: SqlOperation
  /** Without trailing `;`. */
  readonly tokens: readonly Token[]
  /** The statement's own scope: the main SELECT, the set operation, the INSERT …; sub-queries hang below. */
  readonly root: Scope
  /** Every scope, `root` included, in the order in which they end: a sub-query before the query around it, a CTE before
   * those that use it. */
  readonly scopes: readonly Scope[]
  readonly calls: readonly Call[]
  /** For INSERT (and REPLACE). */
  readonly insert?: InsertShape
  /** Where it says that rows which are there already are changed or removed without a condition: REPLACE, OR REPLACE
   * (of INSERT and UPDATE), ON DUPLICATE KEY UPDATE. */
  readonly replaces?: { readonly token: number }
}

export interface InsertShape {
  /** The column list: its closing bracket and the column tokens in order. */
  readonly columns?: { readonly close: number; readonly tokens: readonly number[] }
  /** The rows of VALUES: bracket to bracket. Absent for INSERT … SELECT and DEFAULT VALUES. */
  readonly rows?: readonly { readonly open: number; readonly close: number }[]
  /** The query of INSERT … SELECT. */
  readonly query?: Scope
}

/**
 * What a dialect implements. The front calls `lex`, checks the limits on the tokens (brackets are never deeper than the
 * limit when `parse` runs) and then calls `parse`. Every failure is a `SqlParseError` with a position; nothing else is
 * thrown for any input. Nothing recurses over what the limits do not bound: long AND, `+` and UNION chains are loops.
 */
export interface SqlParserDriver {
  readonly dialect: Dialect
  /** What costs more here than in other dialects; what the caller asks for comes first. */
  readonly limits?: Partial<SqlLimits>
  /** Operators and words that bind looser than AND, in capitals: a condition that holds one is put in brackets. */
  readonly looserThanAnd: ReadonlySet<string>
  /**
   * The query that reads the rows of a table `t` that meet a condition `?`, so that the engine neither evaluates a
   * condition of the query around it on other rows nor looks at their statistics for it.
   */
  readonly fence: string
  /** True where a bare table name in an expression means the whole row (PostgreSQL). */
  readonly rowNames: boolean
  /** Linear in the length. Throws for open strings, open comments, characters that no token starts with. */
  lex(sql: string): Lexed
  /** Parses exactly one statement (trailing `;` allowed); `lexed` is what `lex` gave for the same text. */
  parse(sql: string, lexed: Lexed): Statement
  /** Classifies what the grammar lacks but callers must be able to refuse by name (TRUNCATE in SQLite). */
  classify?(lexed: Lexed): SqlOperation | undefined
  /** The name behind a `word` or `quoted` token: unquoted, and folded where the dialect folds unquoted names. */
  nameOf(token: Token): string
  /** Two names are the same for the engine when their keys are equal (lower case where case does not count). */
  key(name: string): string
  /** The name as a quoted token of this dialect. Throws `invalid_argument` for an empty name or one with NUL. */
  quote(name: string): string
  /** Whether the name must be quoted to be read back as itself: reserved, not plain, or changed by folding. */
  needsQuote(name: string): boolean
  /** The value as a literal of this dialect. Throws `invalid_argument` for NaN and infinities, and for NUL in texts. */
  literal(value: SqlValue): string
}
