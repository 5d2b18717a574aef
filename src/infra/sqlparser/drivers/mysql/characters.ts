/** What a character below U+0080 can begin or continue. */
const SPACE = 1
const DIGIT = 2
const LETTER = 4

const CLASSES = new Uint8Array(128)
for (const code of [9, 10, 11, 12, 13, 32]) CLASSES[code] = SPACE
for (let code = 48; code <= 57; code++) CLASSES[code] = DIGIT
for (let code = 65; code <= 90; code++) CLASSES[code] = CLASSES[code + 32] = LETTER
for (const letter of '_$') CLASSES[letter.charCodeAt(0)] = LETTER

export const isSpace = (code: number): boolean => CLASSES[code] === SPACE
export const isDigit = (code: number): boolean => CLASSES[code] === DIGIT
/** A character of an unquoted name; beyond ASCII that is everything but surrogates. */
export const isNameCharacter = (code: number): boolean =>
  code < 128 ? (CLASSES[code] ?? 0) >= DIGIT : code < 0xd800 || code > 0xdfff

/** Where the name that begins at `from` ends. */
export function endOfName(sql: string, from: number): number {
  let at = from
  while (at < sql.length && isNameCharacter(sql.charCodeAt(at))) at++
  return at
}

function endOfDigits(sql: string, from: number): number {
  let at = from
  while (isDigit(sql.charCodeAt(at))) at++
  return at
}

const isHexDigit = (code: number): boolean => isDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102)
const isBit = (code: number): boolean => code === 48 || code === 49

function endOf(sql: string, from: number, accepts: (code: number) => boolean): number {
  let at = from
  while (accepts(sql.charCodeAt(at))) at++
  return at
}

/** Where `x'…'` or `b'…'` ends whose quote stands before `from`; -1 when its digits are wrong. */
export function endOfBits(sql: string, from: number, prefix: string): number {
  const hex = prefix === 'x' || prefix === 'X'
  const end = endOf(sql, from, hex ? isHexDigit : isBit)
  return sql[end] !== "'" || (hex && (end - from) % 2 === 1) ? -1 : end + 1
}

/**
 * Where the number ends that begins with the digit or the point at `from`; -1 when a name begins there (`1a`, `0xyz`),
 * -2 when an exponent has no digits. An exponent ends a number whatever follows it.
 */
export function endOfNumber(sql: string, from: number): number {
  if (sql[from] === '0' && (sql[from + 1] === 'x' || sql[from + 1] === 'b')) {
    const end = endOf(sql, from + 2, sql[from + 1] === 'x' ? isHexDigit : isBit)
    if (end > from + 2 && !continuesName(sql, end)) return end
    return -1
  }
  let at = endOfDigits(sql, from)
  const pointed = sql[at] === '.'
  if (pointed) at = endOfDigits(sql, at + 1)
  if (sql[at] === 'e' || sql[at] === 'E') {
    const sign = sql[at + 1] === '+' || sql[at + 1] === '-' ? 1 : 0
    if (isDigit(sql.charCodeAt(at + 1 + sign))) return endOfDigits(sql, at + 1 + sign)
    return pointed ? -2 : -1
  }
  return !pointed && continuesName(sql, at) ? -1 : at
}

const continuesName = (sql: string, at: number): boolean => at < sql.length && isNameCharacter(sql.charCodeAt(at))

/** Where the text in quotes ends that begins at `from`; -1 when it does not. Doubled quotes and `\x` belong to it. */
export function endOfText(sql: string, from: number): number {
  const quote = sql.charCodeAt(from)
  for (let at = from + 1; at < sql.length; at++) {
    const code = sql.charCodeAt(at)
    if (code === 92) at++
    else if (code === quote) {
      if (sql.charCodeAt(at + 1) !== quote) return at + 1
      at++
    }
  }
  return -1
}

/** Where the name in quotes ends that begins at `from`; -1 when it does not. Only the doubled quote is special. */
export function endOfQuotedName(sql: string, from: number): number {
  const quote = sql[from] ?? ''
  for (let at = sql.indexOf(quote, from + 1); at >= 0; at = sql.indexOf(quote, at + 2)) {
    if (sql[at + 1] !== quote) return at + 1
  }
  return -1
}
