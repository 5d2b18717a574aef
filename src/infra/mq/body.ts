import { AppError } from '../../base/errors.ts'

export const MAX_BODY_BYTES = 1_000_000

// Node knows both (JSON source text access); the type library does not list them yet.
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown
const parse = JSON.parse as (text: string, reviver?: Reviver) => unknown
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** The bytes of a message: bytes as they are (copied), an object as JSON with every digit of a bigint. */
export function encodeBody(body: Uint8Array | object): Uint8Array {
  const bytes = body instanceof Uint8Array ? Uint8Array.from(body) : encodeJson(body)
  if (bytes.length > MAX_BODY_BYTES)
    throw new AppError(
      'resource_exhausted',
      `a message holds at most ${MAX_BODY_BYTES} bytes; send a reference instead`,
    )
  return bytes
}

function encodeJson(body: object): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(body, (_key, value) => (typeof value === 'bigint' ? rawJSON(`${value}`) : value)))
  } catch (err) {
    throw new AppError('invalid_argument', 'a message body must be bytes or an object that JSON can hold', {
      cause: err,
    })
  }
}

/** JSON from bytes; integers that a number cannot hold exactly become bigints. Throws `SyntaxError`. */
export function decodeJson<T>(bytes: Uint8Array): T {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
  if (!/\d{16}/.test(text)) return parse(text) as T
  return parse(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
      ? BigInt(source ?? '')
      : value,
  ) as T
}
