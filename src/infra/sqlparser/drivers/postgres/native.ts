import type { Token } from '../../driver.ts'

/** A statement as the server's parser reads it: `?` has become `$1` …, back-quoted names are in double quotes. */
export type Native = {
  readonly sql: string
  /** The token that begins at a byte of `sql`. */
  tokenAt(byteOffset: number): number | undefined
}

/** The native text of a statement. */
export function toNative(sql: string, tokens: readonly Token[]): Native {
  const replaced = replacements(tokens)
  const native = replaced.size === 0 ? sql : nativeText(sql, tokens, replaced)
  let starts: Int32Array | undefined
  return {
    sql: native,
    tokenAt: (byteOffset) => {
      starts ??= byteStarts(sql, tokens, replaced)
      const index = starts[byteOffset] ?? 0
      return index === 0 ? undefined : index - 1
    },
  }
}

/** The offset in the text that was given, for a position in characters of the native one. */
export function toOriginalOffset(sql: string, tokens: readonly Token[], characters: number): number {
  const replaced = replacements(tokens)
  let left = characters
  let at = 0
  for (const [index, token] of tokens.entries()) {
    const gap = [...sql.slice(at, token.start)].length
    if (left < gap) break
    left -= gap
    const length = [...(replaced.get(index) ?? token.text)].length
    if (left < length) return replaced.has(index) ? token.start : token.start + utf16Length(token.text, left)
    left -= length
    at = token.end
  }
  return Math.min(sql.length, at + utf16Length(sql.slice(at), left))
}

const utf16Length = (text: string, characters: number): number => [...text].slice(0, characters).join('').length

function replacements(tokens: readonly Token[]): ReadonlyMap<number, string> {
  const replaced = new Map<number, string>()
  let number = 0
  tokens.forEach(({ kind, text }, index) => {
    if (kind === 'parameter' && text !== '?') number = Math.max(number, Number(text.slice(1)))
    if (kind === 'quoted' && text.startsWith('`'))
      replaced.set(index, `"${text.slice(1, -1).replaceAll('``', '`').replaceAll('"', '""')}"`)
  })
  tokens.forEach(({ kind, text }, index) => {
    if (kind !== 'parameter' || text !== '?') return
    number += 1
    // With a space before it, as an operator may touch it, and one behind, as a digit may.
    replaced.set(index, ` $${number} `)
  })
  return replaced
}

function nativeText(sql: string, tokens: readonly Token[], replaced: ReadonlyMap<number, string>): string {
  let text = ''
  let at = 0
  for (const [index, token] of [...replaced.entries()].sort(([a], [b]) => a - b)) {
    const { start, end } = tokens[index] ?? { start: at, end: at }
    text += sql.slice(at, start) + token
    at = end
  }
  return text + sql.slice(at)
}

/** By the byte of UTF-8: one more than the token that begins there, or 0. A replaced one begins behind its leading space. */
function byteStarts(sql: string, tokens: readonly Token[], replaced: ReadonlyMap<number, string>): Int32Array {
  let added = 0
  for (const [index, text] of replaced) added += text.length * 3 - (tokens[index]?.text.length ?? 0)
  const starts = new Int32Array(Buffer.byteLength(sql) + Math.max(0, added) + 1)
  let bytes = 0
  let at = 0
  tokens.forEach((token, index) => {
    bytes += byteLength(sql, at, token.start)
    const text = replaced.size === 0 ? undefined : replaced.get(index)
    starts[text?.startsWith(' ') === true ? bytes + 1 : bytes] = index + 1
    bytes += text === undefined ? byteLength(sql, token.start, token.end) : Buffer.byteLength(text)
    at = token.end
  })
  return starts
}

/** Short pieces of ASCII, which nearly all are, are counted without a call. */
function byteLength(sql: string, from: number, to: number): number {
  if (to - from > 64) return Buffer.byteLength(sql.slice(from, to))
  for (let at = from; at < to; at += 1) if (sql.charCodeAt(at) > 127) return Buffer.byteLength(sql.slice(from, to))
  return to - from
}
