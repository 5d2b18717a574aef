import { AppError } from '../../../../base/errors.ts'
import type { SqlValue, Token } from '../../driver.ts'
import { INTRODUCERS, KEYWORDS } from './reserved.ts'

const ESCAPES: Readonly<Record<string, string>> = { 0: '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' }

/** The name that a token stands for. An alias may be a text: `AS 'label'`. */
export function nameOf(token: Token): string {
  if (token.kind === 'quoted') return token.text.slice(1, -1).replaceAll('``', '`')
  return token.kind === 'string' ? decode(token.text) : token.text
}

function decode(text: string): string {
  const quote = text.charAt(text.length - 1)
  const inner = text.slice(text.indexOf(quote) + 1, -1)
  if (!inner.includes('\\') && !inner.includes(quote)) return inner
  const escapes = quote === "'" ? /\\(.)|''/gs : /\\(.)|""/gs
  return inner.replace(escapes, (_, escaped: string | undefined) =>
    escaped === undefined ? quote : (ESCAPES[escaped] ?? escaped),
  )
}

/** Names of columns never depend on case; those of tables are compared alike, as the strictest server does. */
export const key = (name: string): string => name.toLowerCase()

export function quote(name: string): string {
  if (name === '') throw new AppError('invalid_argument', 'a name must not be empty')
  if (/[\0\ud800-\udfff]/.test(name))
    throw new AppError('invalid_argument', 'a name must not hold NUL or characters beyond U+FFFF')
  return `\`${name.replaceAll('`', '``')}\``
}

const PLAIN = /^[A-Za-z_\u0080-\ud7ff\ue000-\uffff][\w$\u0080-\ud7ff\ue000-\uffff]*$/
/** Not reserved, but not safe to write without quotes where a select list begins. */
const OPTIONS: ReadonlySet<string> = new Set(['SQL_NO_CACHE', 'SQL_BUFFER_RESULT'])

export function needsQuote(name: string): boolean {
  if (!PLAIN.test(name) || INTRODUCERS.has(name.toLowerCase())) return true
  const keyword = KEYWORDS.get(name.toUpperCase())
  return keyword !== undefined && (keyword.kind !== 'plain' || OPTIONS.has(keyword.word))
}

/** The value as a literal for the default SQL mode, in which `\` escapes. */
export function literal(value: SqlValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value === 'string') {
    if (value.includes('\0') || !value.isWellFormed())
      throw new AppError('invalid_argument', 'a text must not hold NUL or half a character')
    return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
  }
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value)
    throw new AppError('invalid_argument', 'the integer does not fit into 64 bits')
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new AppError('invalid_argument', 'a number must be finite')
  return String(value)
}
