import type { Token } from '../driver.ts'

/** What is printed: a token of the statement, or one that an edit adds. `start` and `end` tell whether two touched. */
export type Piece = Pick<Token, 'kind' | 'text' | 'role' | 'wide' | 'start' | 'end'>

/** A piece that comes from no text. */
export function piece(kind: Piece['kind'], text: string, role?: Piece['role']): Piece {
  return role === undefined ? { kind, text, start: 0, end: 0 } : { kind, text, role, start: 0, end: 0 }
}

const WORDISH: ReadonlySet<Piece['kind']> = new Set(['word', 'quoted', 'string', 'number', 'parameter', 'variable'])
/** Names before a bracket that opens a list of columns, where a call would touch its bracket. */
const LISTED: ReadonlySet<Piece['role']> = new Set(['table', 'alias', 'column', 'name', 'keyword'])

/**
 * Prints pieces in the one canonical form: keywords in capitals, one space between words, none round operators and
 * after commas, `AS` before every alias. Comments are gone, as they are no tokens. Reading the text again gives the
 * same tokens: two operators never touch, and a call keeps its distance to its bracket.
 */
export function print(pieces: readonly Piece[]): string {
  let text = ''
  let last: Piece | undefined
  let lastIsStar = false
  for (const item of pieces) {
    if (item.role === 'alias' && !(last?.role === 'keyword' && last.text.toUpperCase() === 'AS')) {
      text += spaced(last, lastIsStar, AS) ? ' AS' : 'AS'
      last = AS
      lastIsStar = false
    }
    if (last !== undefined && spaced(last, lastIsStar, item)) text += ' '
    text += item.role === 'keyword' && item.kind === 'word' ? item.text.toUpperCase() : item.text
    lastIsStar = item.kind === 'operator' && item.text === '*' && !endsOperand(last)
    last = item
  }
  return text
}

const AS = piece('word', 'AS', 'keyword')

/** Whether a value may end with this piece: then a following `*` multiplies, otherwise it is a star. */
function endsOperand(last: Piece | undefined): boolean {
  if (last === undefined || last.role === 'keyword') return false
  return WORDISH.has(last.kind) || last.text === ')' || last.text === ']'
}

/** `U&"x"` is one token to PostgreSQL, `U & "x"` are three. */
function spaced(a: Piece | undefined, aIsStar: boolean, b: Piece): boolean {
  if (a === undefined) return false
  if (b.kind === 'punctuation') return spacedBeforePunctuation(a, b)
  if (a.kind === 'punctuation') {
    if (a.text === ',') return a.wide === true
    return (a.text === ')' || a.text === ']') && b.kind !== 'operator'
  }
  if (a.kind === 'operator') return b.kind === 'operator' || aIsStar
  if (b.kind !== 'operator' || a.role === 'keyword') return true
  return b.text.startsWith('&') && a.text.toLowerCase() === 'u'
}

function spacedBeforePunctuation(a: Piece, b: Piece): boolean {
  if (b.text === '(') {
    if (a.kind === 'punctuation') return a.text === ')' || a.text === ']'
    if (a.kind === 'operator') return false
    return LISTED.has(a.role) || !WORD_KINDS.has(a.kind) || a.end !== b.start
  }
  return b.text === '.' && a.role === 'keyword'
}

const WORD_KINDS: ReadonlySet<Piece['kind']> = new Set(['word', 'quoted'])
