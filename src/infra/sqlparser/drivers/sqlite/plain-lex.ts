import type { Token, TokenKind } from '../../driver.ts'

const SPACE = 1
const DIGIT = 2
const LETTER = 4
const CLASSES = new Uint8Array(128)
for (const space of ' \t\n\f\r') CLASSES[space.charCodeAt(0)] = SPACE
for (let code = 0x30; code <= 0x39; code += 1) CLASSES[code] = DIGIT
for (let code = 0x41; code <= 0x5a; code += 1) CLASSES[code] = CLASSES[code + 32] = LETTER
CLASSES['_'.charCodeAt(0)] = LETTER

/** Signs of one character that no other follows to make a longer one, and those that one of these may follow. */
const SIGNS: Readonly<Record<string, TokenKind>> = {
  '(': 'punctuation',
  ')': 'punctuation',
  ',': 'punctuation',
  ';': 'punctuation',
  '+': 'operator',
  '*': 'operator',
  '%': 'operator',
  '&': 'operator',
  '~': 'operator',
}
const PAIRS: Readonly<Record<string, string>> = { '=': '=', '<': '=><', '>': '=>', '|': '|', '!': '=' }

/**
 * The tokens of a statement that holds nothing unusual: plain ASCII words, whole numbers, texts and the common signs.
 * `undefined` for any other, mistakes among them, which the engine's tokenizer reads; what both read they read alike.
 * Most statements are plain, and the tokenizer would make a position in lines for each token.
 */
export function plainLex(sql: string, keywords: ReadonlySet<string>): Token[] | undefined {
  const tokens: Token[] = []
  let at = 0
  while (at < sql.length) {
    const start = at
    const kind = classAt(sql, at)
    at += 1
    if (kind === SPACE) continue
    if (kind === LETTER) {
      while (classAt(sql, at) > SPACE) at += 1
      if (isOdd(sql, at)) return undefined
      const text = sql.slice(start, at)
      if (keywords.has(text) || keywords.has(text.toUpperCase()))
        tokens.push({ kind: 'word', text, start, end: at, role: 'keyword' })
      else tokens.push({ kind: 'word', text, start, end: at })
      continue
    }
    if (kind === DIGIT) {
      while (classAt(sql, at) === DIGIT) at += 1
      if (classAt(sql, at) === LETTER || sql[at] === '.' || isOdd(sql, at)) return undefined
      tokens.push({ kind: 'number', text: sql.slice(start, at), start, end: at })
      continue
    }
    const found = signAt(sql, start)
    if (found === undefined) return undefined
    at = found.end
    tokens.push({ kind: found.kind, text: sql.slice(start, at), start, end: at })
  }
  return tokens
}

const classAt = (sql: string, at: number): number => CLASSES[sql.charCodeAt(at)] ?? 0

/** What may go on with a word or a number in ways that are not plain. */
const isOdd = (sql: string, at: number): boolean => {
  const code = sql.charCodeAt(at)
  return code > 127 || code === 0x24 || code === 0x27
}

function signAt(sql: string, at: number): { kind: TokenKind; end: number } | undefined {
  const sign = sql[at] ?? ''
  const next = sql[at + 1] ?? ''
  const single = SIGNS[sign]
  if (single !== undefined) return { kind: single, end: at + 1 }
  const pair = PAIRS[sign]
  if (pair !== undefined) {
    const isPair = next !== '' && pair.includes(next)
    return sign === '!' && !isPair ? undefined : { kind: 'operator', end: at + (isPair ? 2 : 1) }
  }
  if (sign === "'") {
    const end = textEnd(sql, at + 1)
    return end === undefined ? undefined : { kind: 'string', end }
  }
  const isFree = classAt(sql, at + 1) !== DIGIT
  if (sign === '?' && isFree) return { kind: 'parameter', end: at + 1 }
  if (sign === '.' && isFree) return { kind: 'punctuation', end: at + 1 }
  if ((sign === '-' && next !== '-' && next !== '>') || (sign === '/' && next !== '*'))
    return { kind: 'operator', end: at + 1 }
  return undefined
}

/** Behind the quote that ends a text; doubled ones do not. */
function textEnd(sql: string, from: number): number | undefined {
  for (let at = from; ; at += 2) {
    at = sql.indexOf("'", at)
    if (at === -1) return undefined
    if (sql[at + 1] !== "'") return at + 1
  }
}
