import type { Statement, Token } from '../driver.ts'
import { type Piece, piece } from './print.ts'

const OPEN = piece('punctuation', '(')
const CLOSE = piece('punctuation', ')')

/** A condition for use beside AND: in brackets when something at its top binds looser. */
export function bracketed(pieces: readonly Piece[], looser: ReadonlySet<string>): readonly Piece[] {
  return bindsLooser(pieces, looser) ? [OPEN, ...pieces, CLOSE] : pieces
}

/** Whether an operator outside all brackets is one of these. */
export function bindsLooser(pieces: readonly Piece[], looser: ReadonlySet<string>): boolean {
  let depth = 0
  for (const { kind, text, role } of pieces) {
    if (kind === 'punctuation') {
      if (text === '(' || text === '[') depth += 1
      else if (text === ')' || text === ']') depth -= 1
    } else if (depth === 0 && (role === 'keyword' || kind === 'operator') && looser.has(text.toUpperCase())) return true
  }
  return false
}

const FRAME = 'SELECT 1 FROM t WHERE '
/** How many tokens the frame has, and the bracket behind it. */
const FRAME_TOKENS = 5
const BRACKET = 1

/**
 * The two statements in which a filter stands alone: as it is, so that it is an expression and no query, and in
 * brackets, so that nothing of it can be another clause. A new line ends a comment that would hide what follows.
 */
export const framesOf = (filter: string): { bare: string; inBrackets: string } => ({
  bare: `${FRAME}${filter}\n`,
  inBrackets: `${FRAME}(${filter}\n)`,
})
export const FRAME_LENGTH = FRAME.length

export type Filter = { readonly statement: Statement; readonly first: number; readonly end: number }

/** The filter in its parsed frames; `undefined` when it is not exactly one expression. */
export function filterOf(bare: Statement, inBrackets: Statement): Filter | undefined {
  const { tokens, root } = bare
  const where = inBrackets.root.where
  if (root.where?.first !== FRAME_TOKENS || root.where.end !== tokens.length) return undefined
  if (where?.first !== FRAME_TOKENS || where.end !== inBrackets.tokens.length) return undefined
  if (inBrackets.tokens.length !== tokens.length + 2 * BRACKET || tokens.length === FRAME_TOKENS) return undefined
  return staysInside(tokens.slice(FRAME_TOKENS))
    ? { statement: bare, first: FRAME_TOKENS, end: tokens.length }
    : undefined
}

/** Whether brackets match one another and no comma stands outside of them. */
function staysInside(tokens: readonly Token[]): boolean {
  let depth = 0
  for (const { kind, text } of tokens) {
    if (kind !== 'punctuation') continue
    if (text === '(') depth += 1
    else if (text === ')') depth -= 1
    if (depth < 0 || (depth === 0 && text === ',')) return false
  }
  return depth === 0
}
