import { AppError } from '../../../../base/errors.ts'
import type { Token } from '../../driver.ts'
import type { KeywordKind } from './keywords.ts'

/** The server folds ASCII letters only, of names without quotes. */
export const fold = (name: string): string => name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** The name in a token: folded, or without its quotes. */
export function nameOf({ kind, text }: Pick<Token, 'kind' | 'text'>): string {
  if (kind !== 'quoted') return fold(text)
  const quote = text.charAt(0)
  return text.slice(1, -1).replaceAll(quote + quote, quote)
}

export function quote(name: string): string {
  if (name === '' || name.includes('\0') || !name.isWellFormed())
    throw new AppError('invalid_argument', 'the name is empty or holds characters that no name may hold')
  if (Buffer.byteLength(name) > 63) throw new AppError('invalid_argument', 'the name is longer than 63 bytes')
  return `"${name.replaceAll('"', '""')}"`
}

/** As the server itself decides it: plain lower-case names that are no keyword, or one that may name anything. */
export function needsQuote(name: string, keywords: ReadonlyMap<string, KeywordKind>): boolean {
  const kind = keywords.get(name)
  return !/^[a-z_][a-z0-9_$]{0,62}$/.test(name) || (kind !== undefined && kind !== 'unreserved')
}
