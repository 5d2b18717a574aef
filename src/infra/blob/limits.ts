import { AppError } from '../../base/errors.ts'

const MAX_KEY_BYTES = 1_024
const MAX_TAGS = 10
const bad = (what: string): AppError => new AppError('invalid_argument', what)
const hasControls = (text: string): boolean => /\p{Cc}/u.test(text)

function checkText(text: string): void {
  if (typeof text !== 'string' || !text.isWellFormed() || hasControls(text))
    throw bad('a blob key is text without control characters')
  if (Buffer.byteLength(text) > MAX_KEY_BYTES) throw bad(`a blob key has at most ${MAX_KEY_BYTES} bytes`)
}

/** A key names an object: segments joined by "/", none empty, "." or "..". Throws `invalid_argument`. */
export function checkKey(key: string): string {
  checkText(key)
  if (key.split('/').some((segment) => segment === '' || segment === '.' || segment === '..'))
    throw bad('a blob key has segments joined by "/", none of them empty, "." or ".."')
  return key
}

/** A prefix is any beginning of a key. Throws `invalid_argument`. */
export function checkPrefix(prefix: string): string {
  checkText(prefix)
  return prefix
}

/** The value of an HTTP header: printable ASCII. Throws `invalid_argument`. */
export function checkHeader(name: string, value: string | undefined): string | undefined {
  if (value !== undefined && !/^[\x20-\x7e]{1,1024}$/.test(value))
    throw bad(`${name} is 1-1,024 printable ASCII characters; encode others as RFC 5987 says`)
  return value
}

/** At most 10 tags; names of 1-128, values of 0-256 characters. Throws `invalid_argument`. */
export function checkTags(tags: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined {
  if (tags === undefined) return undefined
  const entries = Object.entries(tags)
  if (entries.length > MAX_TAGS) throw bad(`a blob has at most ${MAX_TAGS} tags`)
  for (const [name, value] of entries) {
    if (name.length < 1 || name.length > 128 || typeof value !== 'string' || value.length > 256)
      throw bad('the name of a tag has 1-128 characters, its value at most 256')
    if (hasControls(name + value)) throw bad('a tag has no control characters')
  }
  return Object.fromEntries(entries)
}

/** A whole number within limits. Throws `invalid_argument`. */
export function checkInteger(name: string, value: number, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw bad(`${name} must be a whole number between ${min} and ${max}`)
  return value
}
