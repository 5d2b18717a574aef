import type { Token, TokenKind, TokenRole } from '../../driver.ts'

/** A token with what the parser compares: see `word`. */
export class MysqlToken implements Token {
  readonly kind: TokenKind
  readonly text: string
  readonly start: number
  readonly end: number
  role?: TokenRole
  wide?: boolean
  /**
   * The keyword in capitals, or the operator or punctuation itself; empty for everything else, also for words that can
   * only be names where they stand. Never read from tokens with quotes, so that no name or text passes for a keyword.
   */
  readonly word: string
  /** The word is no name unless it is quoted. */
  readonly reserved: boolean

  constructor(kind: TokenKind, text: string, start: number, word: string, reserved: boolean) {
    this.kind = kind
    this.text = text
    this.start = start
    this.end = start + text.length
    this.word = word
    this.reserved = reserved
  }
}
