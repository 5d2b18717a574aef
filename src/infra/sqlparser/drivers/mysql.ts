import type { SqlParserDriver } from '../driver.ts'
import { lex } from './mysql/lexer.ts'
import { key, literal, nameOf, needsQuote, quote } from './mysql/names.ts'
import { parse } from './mysql/statement.ts'

/**
 * MySQL 8.0 and 8.4 in the default SQL mode (no ANSI_QUOTES, PIPES_AS_CONCAT, NO_BACKSLASH_ESCAPES, IGNORE_SPACE or
 * HIGH_NOT_PRECEDENCE): a parser of our own, since no package reads this dialect accurately, fast and at any depth.
 */
export async function open(): Promise<SqlParserDriver> {
  return {
    dialect: 'mysql',
    looserThanAnd: new Set(['OR', '||', 'XOR', ':=']),
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
