import { isUtf8 } from 'node:buffer'
import { AppError } from '../../base/errors.ts'

/** How many bytes are looked at to guess. */
const SAMPLE_BYTES = 1024 ** 2
/** Decoded at a time: bounds the memory a long text needs. */
const PIECE_BYTES = 1024 ** 2

export type DetectedEncoding = {
  /** A label that `TextDecoder` knows. */
  encoding: string
  /** Not declared by the file and not provable, unlike UTF-8. */
  guessed: boolean
}

/**
 * The encoding of a text file: byte order mark, UTF-16 by its zero bytes, valid UTF-8, `declared` (a charset named
 * in the file), UTF-8 with a few damaged places, and then GB18030 or Windows-1252, whichever the byte pairs fit.
 * Throws `corrupt` when the bytes are not text.
 */
export function detectEncoding(bytes: Uint8Array, declared?: string): DetectedEncoding {
  const mark = byteOrderMark(bytes)
  if (mark !== undefined) return { encoding: mark, guessed: false }
  const sample = bytes.subarray(0, SAMPLE_BYTES)
  const wide = utf16Without(sample)
  if (wide !== undefined) return { encoding: wide, guessed: true }
  if (looksBinary(sample)) throw new AppError('corrupt', 'the file is not text although its name says so')
  if (isUtf8(bytes)) return { encoding: 'utf-8', guessed: false }
  if (declared !== undefined && isKnown(declared)) return { encoding: declared, guessed: false }
  const { valid, broken } = utf8Sequences(sample)
  if (valid > broken * 10) return { encoding: 'utf-8', guessed: true }
  return { encoding: pairsOfHighBytes(sample) > 0.6 ? 'gb18030' : 'windows-1252', guessed: true }
}

/** The text in pieces of about 1 MiB, without the byte order mark. */
export function* decodePieces(bytes: Uint8Array, encoding: string): Generator<string> {
  const decoder = new TextDecoder(encoding)
  for (let at = 0; at < bytes.length; at += PIECE_BYTES)
    yield decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true })
  yield decoder.decode()
}

/** The whole text; `warn` hears when the encoding was a guess. */
export function decodeText(bytes: Uint8Array, warn: (text: string) => void, declared?: string): string {
  const detected = detectEncoding(bytes, declared)
  if (detected.guessed) warn(guessWarning(detected.encoding))
  return new TextDecoder(detected.encoding).decode(bytes)
}

export const guessWarning = (encoding: string): string =>
  encoding === 'utf-8'
    ? 'some bytes are not valid UTF-8 and were replaced'
    : `the encoding is not stated; the text was read as ${encoding}`

function byteOrderMark(bytes: Uint8Array): string | undefined {
  const [a, b, c] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  return undefined
}

/** In UTF-16 text of any script, spaces, digits and newlines have a zero on one side, and only on that side. */
function utf16Without(sample: Uint8Array): string | undefined {
  let even = 0
  let odd = 0
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) i % 2 === 0 ? even++ : odd++
  const few = Math.max(1, sample.length * 0.01)
  if (odd > few && odd > even * 20) return 'utf-16le'
  if (even > few && even > odd * 20) return 'utf-16be'
  return undefined
}

function looksBinary(sample: Uint8Array): boolean {
  let odd = 0
  for (const byte of sample) if (byte < 9 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32)) odd++
  return odd > Math.max(2, sample.length * 0.01)
}

function isKnown(label: string): boolean {
  try {
    new TextDecoder(label)
    return true
  } catch {
    return false
  }
}

/** Whole multi-byte UTF-8 sequences, and high bytes that belong to none. */
function utf8Sequences(sample: Uint8Array): { valid: number; broken: number } {
  let valid = 0
  let broken = 0
  for (let i = 0; i < sample.length; i++) {
    const lead = sample[i] ?? 0
    if (lead < 0x80) continue
    const more = lead >= 0xf0 && lead < 0xf5 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0
    let seen = 0
    while (seen < more && ((sample[i + seen + 1] ?? 0) & 0xc0) === 0x80) seen++
    if (more > 0 && seen === more && lead < 0xf5) valid++
    else broken++
    i += seen
  }
  return { valid, broken }
}

/** The share of high bytes that stand in pairs: Chinese does, an accented letter stands alone. */
function pairsOfHighBytes(sample: Uint8Array): number {
  let paired = 0
  let high = 0
  for (let i = 0; i < sample.length; i++) {
    if ((sample[i] ?? 0) < 0x80) continue
    const trail = sample[i + 1] ?? 0
    const both = trail >= 0x80
    high += both ? 2 : 1
    if (both) {
      paired += 2
      i++
    }
  }
  return high === 0 ? 0 : paired / high
}
