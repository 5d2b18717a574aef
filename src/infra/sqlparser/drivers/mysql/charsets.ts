import type { Parser } from './parser.ts'

/** Reads the name of a character set or collation; it may stand in quotes. */
export function charset(p: Parser): void {
  if (p.isName || p.token.kind === 'string' || p.is('BINARY')) p.advance()
  else throw p.expected('the name of a character set or collation')
}

/** Reads `CHARACTER SET`, `CHAR SET` or `CHARSET`, if one is next. */
export function acceptCharacterSet(p: Parser): boolean {
  return p.accept('CHARSET') || p.acceptBoth('CHARACTER', 'SET') || p.acceptBoth('CHAR', 'SET')
}
