import { AppError } from '../../../base/errors.ts'
import { SqlParseError } from '../core/errors.ts'
import type { Lexed, SqlOperation, SqlParserDriver, SqlValue, Statement } from '../driver.ts'
import { lex, loadGrammar, nameOf, type SqliteGrammar } from './sqlite/lex.ts'
import { keyOf } from './sqlite/queries.ts'
import { Reading } from './sqlite/reader.ts'
import { readStatement } from './sqlite/statements.ts'

/** SQLite, by tables generated from the engine's own grammar (3.53). */
export function open(): SqlParserDriver {
  const grammar = loadGrammar()
  return {
    dialect: 'sqlite',
    limits: { maxNames: 200_000 },
    looserThanAnd: new Set(['OR']),
    // a sub-query with LIMIT is not flattened into one with WHERE, nor are conditions pushed into it
    fence: 'SELECT * FROM t WHERE ? LIMIT -1',
    rowNames: false,
    lex: (sql) => lex(grammar, sql),
    parse: (sql, lexed) => parse(grammar, sql, lexed),
    classify,
    nameOf,
    key: keyOf,
    quote,
    needsQuote: (name) => !PLAIN.test(name) || grammar.keywords.has(name.toUpperCase()) || VALUES.test(name),
    literal,
  }
}

const PLAIN = /^[A-Za-z_\u0080-\u{10ffff}][\w$\u0080-\u{10ffff}]*$/u
const VALUES = /^(true|false)$/i
const MAX_INT64 = 2n ** 63n - 1n

function parse({ parser }: SqliteGrammar, sql: string, lexed: Lexed): Statement {
  const result = parser.parseStmt(sql)
  if (result.status === 'ok') return readStatement(new Reading(sql, lexed), result.root)
  const [first] = result.errors
  const at = first?.span.offset ?? 0
  const token = lexed.tokens.find(({ start }) => start === at)
  const shown = token !== undefined && token.kind !== 'string' && token.text.length <= 40
  const hint = first?.hints?.map(({ message }) => message).join('; ')
  throw new SqlParseError(shown ? `failed to parse SQL near ${token.text}` : 'failed to parse SQL', sql, {
    at: first?.token?.synthetic === true || token === undefined ? Math.max(at, 0) : at,
    ...(hint && { hint }),
  })
}

/** The grammar has no TRUNCATE; callers must still be able to tell it from a mistake. */
function classify({ tokens }: Lexed): SqlOperation | undefined {
  const [first, ...rest] = tokens.filter(({ text }) => text !== ';')
  if (first?.text.toUpperCase() !== 'TRUNCATE') return undefined
  const name = rest[0]?.text.toUpperCase() === 'TABLE' ? rest.slice(1) : rest
  const isName = name.length === 1 && (name[0]?.kind === 'quoted' || (name[0]?.kind === 'word' && !name[0].role))
  return isName ? 'TRUNCATE' : undefined
}

function quote(name: string): string {
  if (name === '' || name.includes('\0') || !name.isWellFormed())
    throw new AppError('invalid_argument', 'the name is empty or holds characters that no name may hold')
  return `"${name.replaceAll('"', '""')}"`
}

function literal(value: SqlValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'bigint') {
    if (value > MAX_INT64 || value < -MAX_INT64 - 1n)
      throw new AppError('invalid_argument', 'the integer does not fit into 64 bits')
    return String(value)
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new AppError('invalid_argument', 'the number is not finite')
    return String(value)
  }
  if (typeof value !== 'string') return `x'${Buffer.from(value).toString('hex')}'`
  if (value.includes('\0') || !value.isWellFormed())
    throw new AppError('invalid_argument', 'the text holds NUL or half a character')
  return `'${value.replaceAll("'", "''")}'`
}
