import { AppError } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'
import { formatForComparison } from './core/compare.ts'
import { type Filter, FRAME_LENGTH, filterOf, framesOf } from './core/condition.ts'
import { applyNames } from './core/edit.ts'
import { SqlParseError } from './core/errors.ts'
import { addFields } from './core/fields.ts'
import { appendFilter, filterTables, isFiltered } from './core/filter.ts'
import { addColumns, countRows, type NewColumn, type NewKey } from './core/insert.ts'
import { readMapping, type TableColumns } from './core/mapping.ts'
import { addFixed, checkNewRows, checkSingleWrite, checkWrites, fixedColumns } from './core/new-rows.ts'
import { type Piece, print } from './core/print.ts'
import { resolve } from './core/resolve.ts'
import { firstTable, isTable, tablesOf, writtenTablesOf } from './core/tables.ts'
import type { Dialect, Lexed, Scope, Source, SqlOperation, SqlParserDriver, SqlValue, Statement } from './driver.ts'
import { allowedFunctions, checkFunctions } from './policy/functions.ts'
import { checkText, checkTokens, DEFAULT_LIMITS, type SqlLimits } from './policy/limits.ts'
import { checkPortableNames } from './policy/portable-names.ts'

export type { NewColumn, NewKey } from './core/insert.ts'
export type { TableColumns } from './core/mapping.ts'
export type { Dialect, SqlOperation, SqlValue } from './driver.ts'
export type { SqlLimits } from './policy/limits.ts'

export type SqlParserOptions = {
  limits?: Partial<SqlLimits>
  /** Refuse table names that MySQL reserves unless they are quoted (DATABASE, SCHEMA …). On by default. */
  portableNames?: boolean
  /** Functions that strict statements may call, besides the harmless ones of policy/functions.ts. */
  functions?: readonly string[]
}

type Parsed = { readonly lexed: Lexed; readonly statement: Statement }

/**
 * Reads and rewrites single SQL statements by the grammar of one dialect. Every method is synchronous, keeps no state,
 * and throws `SqlParseError` (an `AppError` with `invalid_argument`, line, column and hint) for a statement that it
 * refuses: one that the grammar does not accept, that is too long or too deep, that is not one statement, or where a
 * name may mean two things. What is returned is printed in one canonical form, without comments.
 */
export class SqlParser {
  readonly dialect: Dialect
  readonly provider: string
  readonly features: ReadonlySet<string> = new Set()
  readonly #driver: SqlParserDriver
  /** What one statement may cost. */
  readonly limits: Readonly<SqlLimits>
  readonly #portableNames: boolean
  readonly #functions: ReadonlySet<string>
  #closed = false

  constructor(driver: SqlParserDriver, options: SqlParserOptions = {}) {
    this.dialect = driver.dialect
    this.provider = driver.dialect
    this.#driver = driver
    this.limits = { ...DEFAULT_LIMITS, ...driver.limits, ...options.limits }
    this.#portableNames = options.portableNames ?? true
    this.#functions = allowedFunctions(driver.dialect, options.functions)
  }

  /**
   * Gives tables and columns the names of the mapping; names inside texts and comments are no names. With an empty
   * mapping the text comes back as it is. With `strict` the statement may name nothing that the mapping does not
   * (the columns of tables without a column map aside): no physical name, no table of another owner; it may call
   * harmless functions only, read no variables of the server, and write in no sub-query.
   */
  parseAndModifySQL(sql: string, tableColumns: TableColumns, options: { strict?: boolean } = {}): string {
    const { statement } = this.#parse(sql)
    if (this.#portableNames) checkPortableNames(sql, statement)
    const mapping = readMapping(this.#driver, tableColumns)
    const strict = options.strict === true
    if (mapping.size === 0 && !strict) return sql
    const driver = this.#driver
    if (strict) checkFunctions(sql, statement, this.#functions)
    if (strict) checkSingleWrite(statement, refusal(sql, statement))
    return this.#guard(sql, () => {
      const edits = resolve(statement, { driver, mapping, strict, refuse: refusal(sql, statement) })
      return print(applyNames(driver, statement.tokens, edits))
    })
  }

  /** What the statement does; a SELECT with a CTE that writes is what that CTE does. Throws for anything else. */
  getSQLOperation(sql: string): SqlOperation {
    checkText(sql, this.limits)
    const lexed = this.#guard(sql, () => this.#driver.lex(sql))
    checkTokens(sql, lexed, this.limits)
    const foreign = this.#driver.classify?.(lexed)
    if (foreign !== undefined) return foreign
    const { operation, scopes } = this.#parse(sql, lexed).statement
    if (operation !== 'SELECT') return operation
    return scopes.find((scope) => scope.operation !== undefined)?.operation ?? operation
  }

  /**
   * Adds columns to an INSERT … VALUES, and to each row a value (or a `?` with `isParam`). Columns that the statement
   * names already are left alone; they are in `existing`. The key is added only beside another new column; it has one
   * value per row. With nothing to add the text comes back as it is.
   */
  addColumnsToInsertSQL(
    sql: string,
    columns: readonly NewColumn[],
    primaryKey: NewKey | null,
    isParam: boolean,
  ): { sql: string; existing: Set<string> } {
    const { statement } = this.#parse(sql)
    const refuse = refusal(sql, statement)
    const { pieces, existing } = addColumns({ driver: this.#driver, statement, columns, primaryKey, isParam, refuse })
    return { sql: pieces === undefined ? sql : this.#print(pieces), existing }
  }

  /**
   * Gives every new row of an INSERT these values, whether its rows are written out or come from a query. The columns
   * must be named in the statement; one that is named there already must have the very same value in every row.
   */
  setNewRows(sql: string, columns: readonly { readonly colName: string; readonly value: SqlValue }[]): string {
    const fixed = fixedColumns(this.#driver, columns)
    const { statement } = this.#parse(sql)
    const options = { driver: this.#driver, statement, refuse: refusal(sql, statement) }
    const result = print(addFixed(options, fixed))
    const again = this.#reparse(result).statement
    checkNewRows({ driver: this.#driver, statement: again, refuse: refusal(result, again) }, fixed)
    return result
  }

  /** A value as a literal of the dialect. Throws `invalid_argument` for what no literal can say (NaN, NUL in a text). */
  literal(value: SqlValue): string {
    return this.#driver.literal(value)
  }

  /** The table of an INSERT, UPDATE or DELETE, the first of a SELECT. */
  getTableName(sql: string): string {
    const { statement } = this.#parse(sql)
    return firstTable({ driver: this.#driver, statement, refuse: refusal(sql, statement) })
  }

  /** The number of rows of an INSERT … VALUES. */
  getInsertDataNums(sql: string): number {
    const { statement } = this.#parse(sql)
    return countRows(statement, refusal(sql, statement))
  }

  /**
   * Joins a condition to the statement's own WHERE: `a OR b` becomes `(a OR b) AND filter`. The filter must be one
   * expression without comments. Sub-queries and CTEs keep what they have: to keep a statement to the rows of an owner
   * use `filterTables`.
   */
  appendSQLFilter(sql: string, operator: 'AND' | 'OR', filter: string): string {
    if (sql.trim() === '') throw new SqlParseError('empty SQL statement', sql)
    if (filter.trim() === '') throw new SqlParseError('empty filter condition', filter)
    if (operator !== 'AND' && operator !== 'OR')
      throw new AppError('invalid_argument', 'invalid filter operator: it must be AND or OR')
    const { statement } = this.#parse(sql)
    const options = { driver: this.#driver, statement, refuse: refusal(sql, statement) }
    return this.#print(appendFilter(options, operator, this.#parseFilter(filter)))
  }

  /**
   * Limits tables to the rows of a condition, wherever the statement reaches them: in sub-queries, CTEs, joins, as the
   * target of UPDATE, DELETE and ON CONFLICT … DO UPDATE. Keys are table names as they stand in the statement, values
   * conditions on columns of that table, without parameters. Nothing is written out of their reach: columns of the
   * condition cannot be set, and new rows must have the values that it asks for, as literals (`setNewRows` gives them);
   * so INSERT takes conditions like `a = 1 AND b = 'x'` only.
   */
  filterTables(sql: string, filters: Readonly<Record<string, string>>): string {
    const byTable = new Map<string, Filter>()
    for (const [table, text] of Object.entries(filters)) {
      const filter = this.#parseFilter(text)
      const at = filter.statement.tokens.find(({ kind }) => kind === 'parameter')
      if (at !== undefined) throw new SqlParseError('a table filter may hold no parameters', '')
      byTable.set(this.#driver.key(table), filter)
    }
    const optionsFor = (text: string, { statement }: Parsed) => {
      const refuse = refusal(text, statement)
      const isOwn = isTable({ driver: this.#driver, statement, refuse })
      const filterFor = (source: Source, scope: Scope) =>
        isOwn(source, scope) ? byTable.get(this.#driver.key(source.name ?? '')) : undefined
      return { options: { driver: this.#driver, statement, refuse }, filterFor }
    }
    const before = optionsFor(sql, this.#parse(sql))
    checkWrites(before.options, before.filterFor)
    const result = print(this.#guard(sql, () => filterTables(before.options, before.filterFor)))
    const after = optionsFor(result, this.#reparse(result))
    checkWrites(after.options, after.filterFor)
    if (isFiltered(after.options, after.filterFor)) return result
    throw new SqlParseError('the statement cannot be limited to the rows of its owner', sql)
  }

  /**
   * Adds columns to the select list, so that callers can tell rows apart. A statement with a star, an aggregate,
   * GROUP BY or DISTINCT, and a set operation, comes back as it is.
   */
  addSelectFieldsToSelectSQL(sql: string, fields: readonly string[]): string {
    const { statement } = this.#parse(sql)
    const pieces = addFields({ driver: this.#driver, statement, fields, refuse: refusal(sql, statement) })
    return pieces === undefined ? sql : this.#print(pieces)
  }

  /** Every table that the statement reaches, in the order of the text, each once; a schema stands before its name. */
  tables(sql: string): string[] {
    const { statement } = this.#parse(sql)
    return tablesOf({ driver: this.#driver, statement, refuse: refusal(sql, statement) })
  }

  /**
   * Every table that an INSERT, UPDATE or DELETE writes to, in the order of the text, each once: several where MySQL
   * changes rows of a join, and those of PostgreSQL's sub-queries that write.
   */
  writtenTables(sql: string): string[] {
    const { statement } = this.#parse(sql)
    return writtenTablesOf({ driver: this.#driver, statement, refuse: refusal(sql, statement) })
  }

  /** Every function that the statement calls, in lower case, each once, for allow-lists. */
  functions(sql: string): string[] {
    return [...new Set(this.#parse(sql).statement.calls.map(({ name }) => name))]
  }

  /** A spelling for comparing statements across dialects; see `core/compare.ts`. Not meant for execution. */
  formatForComparison(sql: string, options: { identifierQuote: string }): string {
    return formatForComparison(this.#driver, this.#parse(sql).statement, options.identifierQuote)
  }

  async health(): Promise<Health> {
    const status = this.#closed ? 'down' : 'up'
    return { status, provider: this.provider, latencyMs: 0, checks: {}, ...(this.#closed && { error: 'closed' }) }
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #parse(sql: string, known?: Lexed): Parsed {
    if (this.#closed) throw new AppError('closed', 'sqlparser is closed')
    if (known === undefined) checkText(sql, this.limits)
    const lexed = known ?? this.#guard(sql, () => this.#driver.lex(sql))
    if (known === undefined) checkTokens(sql, lexed, this.limits)
    return { lexed, statement: this.#guard(sql, () => this.#driver.parse(sql, lexed)) }
  }

  /** A condition as a parsed expression. Errors count lines and columns within the condition. */
  #parseFilter(filter: string): Filter {
    if (filter.trim() === '') throw new SqlParseError('empty filter condition', filter)
    checkText(filter, this.limits)
    const fail = (at: number, cause?: unknown) =>
      new SqlParseError('parse filter condition failed: it must be one expression', filter, { at, cause })
    const parse = (framed: string, before: number): Parsed => {
      try {
        return this.#parse(framed)
      } catch (err) {
        throw err instanceof SqlParseError ? fail(err.offset - before, err) : err
      }
    }
    const { bare, inBrackets } = framesOf(filter)
    const parsed = parse(bare, FRAME_LENGTH)
    const [comment] = parsed.lexed.comments
    if (comment !== undefined) throw fail(comment.start - FRAME_LENGTH)
    const found = filterOf(parsed.statement, parse(inBrackets, FRAME_LENGTH + 1).statement)
    if (found === undefined) throw fail(0)
    return found
  }

  /** The text of an edited statement, which must be a statement again. */
  #print(pieces: readonly Piece[]): string {
    const sql = print(pieces)
    this.#reparse(sql)
    return sql
  }

  #reparse(sql: string): Parsed {
    return this.#parse(sql)
  }

  /** Turns what an exhausted stack throws into a refusal. */
  #guard<T>(sql: string, run: () => T): T {
    try {
      return run()
    } catch (err) {
      if (err instanceof RangeError) throw new SqlParseError('the statement is nested too deeply', sql, { cause: err })
      throw err
    }
  }
}

/** Makes errors that point to a token. */
function refusal(sql: string, { tokens }: Statement) {
  return (message: string, token: number, hint?: string) =>
    new SqlParseError(message, sql, { at: tokens[token]?.start ?? sql.length, ...(hint !== undefined && { hint }) })
}
