import type { SqlParserDriver } from '../driver.ts'
import { lex } from './mysql/lexer.ts'
import { key, literal, nameOf, needsQuote, quote } from './mysql/names.ts'
import { parse } from './mysql/statement.ts'

/**
 * MySQL 8.0 and 8.4: a parser of our own, since no package reads this dialect accurately, fast and at any depth.
 *
 * It reads statements as a server does in its default SQL mode, so what it returns is safe only on connections that keep
 * to it: utf8mb4, and none of ANSI_QUOTES, PIPES_AS_CONCAT, NO_BACKSLASH_ESCAPES, HIGH_NOT_PRECEDENCE and IGNORE_SPACE.
 * The last one mysql2 turns on by itself; `flags: ['-IGNORE_SPACE']` turns it off.
 */
export async function open(): Promise<SqlParserDriver> {
  return {
    dialect: 'mysql',
    looserThanAnd: new Set(['OR', '||', 'XOR', ':=']),
    // a derived table with LIMIT is neither merged, nor are conditions pushed into it
    fence: 'SELECT * FROM t WHERE ? LIMIT 18446744073709551615',
    rowNames: false,
    lex,
    parse,
    nameOf,
    key,
    quote,
    needsQuote,
    literal,
  }
}
