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

/** The words before a filter in the statement that proves it to be one expression. */
const FRAME = 'SELECT 1 FROM t WHERE ('
const FRAME_TOKENS = 6
/** A line of its own for the last bracket, so that a comment at the end of the filter cannot hide it. */
const FRAME_END = '\n)'

/** The statement in which a filter stands alone, and where the filter begins in it. */
export const frameOf = (filter: string): string => `${FRAME}${filter}${FRAME_END}`
export const FRAME_LENGTH = FRAME.length

export type Filter = { readonly statement: Statement; readonly first: number; readonly end: number }

/**
 * The filter in its parsed frame: the one WHERE condition of the frame, from bracket to bracket, with nothing behind
 * it. `undefined` when the text closed the bracket itself and went on (`1=1) OR (1=1`).
 */
export function filterOf(statement: Statement): Filter | undefined {
  const { tokens, root } = statement
  const end = tokens.length - 1
  if (root.where?.first !== FRAME_TOKENS - 1 || root.where.end !== tokens.length) return undefined
  if (end <= FRAME_TOKENS || !staysInside(tokens, FRAME_TOKENS, end)) return undefined
  return { statement, first: FRAME_TOKENS, end }
}

/** Whether the brackets between two tokens match one another. */
function staysInside(tokens: readonly Token[], first: number, end: number): boolean {
  let depth = 0
  for (let index = first; index < end; index += 1) {
    const { kind, text } = tokens[index] ?? { kind: 'word', text: '' }
    if (kind !== 'punctuation') continue
    if (text === '(') depth += 1
    else if (text === ')') depth -= 1
    if (depth < 0) return false
  }
  return depth === 0
}
