import type { ParseResult } from 'libpg-query'
import { AppError } from '../../../base/errors.ts'
import { SqlParseError } from '../core/errors.ts'
import type { Lexed, SqlParserDriver, SqlValue, Statement } from '../driver.ts'
import { NativeFailure, NativeRefusal, openEngine, type PostgresEngine } from './postgres/engine.ts'
import { loadKeywords } from './postgres/keywords.ts'
import { lex } from './postgres/lex.ts'
import { nameOf, needsQuote, quote } from './postgres/names.ts'
import { toNative, toOriginalOffset } from './postgres/native.ts'
import { Reading } from './postgres/reading.ts'
import { readStatement } from './postgres/statements.ts'

export type PostgresOptions = { acceptBackquotes?: boolean }

/** The tree comes as JSON, a hundred characters for each name: what is accepted takes less than a second all the same. */
const LIMITS = { maxTokens: 400_000, maxNames: 100_000 }

/** PostgreSQL 18, by the server's own parser; the lexer is ours, as parameters may be written `?`. */
export async function open(options: PostgresOptions = {}): Promise<SqlParserDriver> {
  const engine = await openEngine()
  const keywords = loadKeywords()
  const acceptBackquotes = options.acceptBackquotes ?? false
  return {
    dialect: 'postgres',
    limits: LIMITS,
    looserThanAnd: new Set(['OR']),
    // OFFSET keeps conditions out. DISTINCT keeps the planner from trying operators (LIKE) on the most common values,
    // which are of all owners; ctid tells all rows apart.
    fence: 'SELECT DISTINCT ON (t.ctid) t.* FROM t WHERE ? OFFSET 0',
    rowNames: true,
    lex: (sql) => lex(sql, { keywords, acceptBackquotes }),
    parse: (sql, lexed) => parse(engine, sql, lexed),
    nameOf,
    key: (name) => name,
    quote,
    needsQuote: (name) => needsQuote(name, keywords),
    literal,
  }
}

function parse(engine: PostgresEngine, sql: string, lexed: Lexed): Statement {
  const native = toNative(sql, lexed.tokens)
  const { stmts = [] } = parseNative(engine, sql, lexed, native.sql)
  const stmt = stmts[0]?.stmt
  if (stmt === undefined || stmts.length !== 1) throw new SqlParseError('exactly one statement is accepted', sql)
  return readStatement(new Reading(sql, lexed, native), stmt)
}

function parseNative(engine: PostgresEngine, sql: string, lexed: Lexed, native: string): ParseResult {
  try {
    return engine.parse(native)
  } catch (err) {
    if (err instanceof NativeFailure)
      throw new SqlParseError('the statement is too large or nested too deeply', sql, { cause: err })
    if (!(err instanceof NativeRefusal)) throw err
    const at = toOriginalOffset(sql, lexed.tokens, err.position)
    const token = lexed.tokens.find(({ start, end }) => start <= at && at < end)
    const shown = token !== undefined && token.kind !== 'string' && token.text.length <= 40
    throw new SqlParseError(shown ? `failed to parse SQL near ${token.text}` : 'failed to parse SQL', sql, { at })
  }
}

function literal(value: SqlValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new AppError('invalid_argument', 'the number is not finite')
    return String(value)
  }
  if (typeof value !== 'string') return `'\\x${Buffer.from(value).toString('hex')}'::bytea`
  if (value.includes('\0') || !value.isWellFormed())
    throw new AppError('invalid_argument', 'the text holds NUL or half a character')
  return `'${value.replaceAll("'", "''")}'`
}
