import { lex } from '../lexer.ts'

/** A source of numbers below `limit` that gives the same ones for the same seed. */
export function numbers(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** What may be put where it does not belong: words that open, close, join and end things. */
const INTRUDERS = [
  ...['SELECT', 'FROM', 'WHERE', 'OR', 'AND', 'NOT', 'IN', 'IS', 'NULL', 'EXISTS', 'UNION', 'ALL', 'AS', 'ON', 'JOIN'],
  ...[
    'LEFT',
    'USING',
    'GROUP',
    'ORDER',
    'BY',
    'LIMIT',
    'HAVING',
    'WITH',
    'VALUES',
    'SET',
    'CASE',
    'WHEN',
    'END',
    'OVER',
  ],
  ...[
    'INTERVAL',
    'DAY',
    'DISTINCT',
    'BETWEEN',
    'LIKE',
    'DEFAULT',
    'UPDATE',
    'FOR',
    'BINARY',
    'COLLATE',
    'TABLE',
    'ROW',
  ],
  ...[
    '(',
    ')',
    ',',
    '.',
    ';',
    '*',
    '=',
    '||',
    '-',
    '--',
    '/*',
    '*/',
    '#',
    '!',
    '@x',
    ':=',
    '->',
    '?',
    '`',
    "'",
    '"',
    '\\',
  ],
  ...['1', '0', "'x'", 'a', 't', '`b`', 'COUNT', 'count(', '\0', '😀', '\n'],
]

/** A statement with one or two of its tokens removed, doubled, exchanged, or with a foreign one among them. */
export function mutate(sql: string, pick: (limit: number) => number): string {
  const pieces: string[] = []
  let end = 0
  for (const token of lex(sql).tokens) {
    pieces.push(sql.slice(end, token.start), token.text)
    end = token.end
  }
  for (let times = 1 + pick(2); times > 0; times -= 1) {
    const at = pick(pieces.length / 2) * 2 + 1
    const other = pick(pieces.length / 2) * 2 + 1
    const [piece = '', swapped = ''] = [pieces[at], pieces[other]]
    const kind = pick(5)
    if (kind === 0) pieces[at] = ''
    else if (kind === 1) pieces[at] = `${piece} ${piece}`
    else if (kind === 2) [pieces[at], pieces[other]] = [swapped, piece]
    else
      pieces[at] =
        kind === 3 ? ` ${INTRUDERS[pick(INTRUDERS.length)]} ${piece}` : ` ${INTRUDERS[pick(INTRUDERS.length)]} `
  }
  return pieces.join('')
}
