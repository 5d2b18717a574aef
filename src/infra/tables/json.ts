import { AppError } from '../../base/errors.ts'

/** JSON as `rawJSON` of ECMAScript 2026 reads it; not in the library types yet. */
type Json = {
  rawJSON(text: string): unknown
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
}
const exact = JSON as unknown as Json

/** Parses with all digits: integers beyond 2^53 become `bigint`. */
export function parseJson(text: string): unknown {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as unknown
  return exact.parse(text, (_key, value, { source }) => {
    const isLong = typeof value === 'number' && !Number.isSafeInteger(value)
    return isLong && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value
  })
}

/** The text of a value, `bigint` inside with all its digits. Throws `wrong_type` for what JSON has no place for. */
export function jsonText(value: unknown): string {
  const text = stringify(value)
  if (text === undefined) throw new AppError('wrong_type', 'the value has no JSON')
  return text
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_key, inner: unknown) => {
      if (typeof inner === 'bigint') return exact.rawJSON(String(inner))
      if (typeof inner === 'number' && !Number.isFinite(inner)) throw new TypeError('not finite')
      return inner
    })
  } catch {
    return undefined // a cycle, a depth beyond the stack, NaN
  }
}
