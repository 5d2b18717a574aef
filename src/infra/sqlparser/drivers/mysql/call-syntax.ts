import { charset } from './charsets.ts'
import { interval, unit } from './intervals.ts'
import type { Parser } from './parser.ts'
import { columnRef } from './references.ts'
import { castType } from './types.ts'

const expression = (p: Parser): void => void p.rules.expression(p)

/** `, expression` so many times at least and at most. */
function more(p: Parser, least: number, most: number): void {
  for (let count = 0; count < most; count++) {
    if (count >= least && !p.is(',')) return
    p.expect(',')
    expression(p)
  }
}

function cast(p: Parser): void {
  expression(p)
  if (p.acceptBoth('AT', 'TIME')) {
    p.expect('ZONE')
    p.accept('INTERVAL')
    p.text()
  }
  p.expect('AS')
  castType(p)
  p.accept('ARRAY')
}

function convert(p: Parser): void {
  expression(p)
  if (p.accept('USING')) {
    charset(p)
    return
  }
  p.expect(',')
  castType(p)
}

const SIDES: ReadonlySet<string> = new Set(['BOTH', 'LEADING', 'TRAILING'])

function trim(p: Parser): void {
  const side = p.acceptOne(SIDES) !== undefined
  if (side && p.accept('FROM')) {
    expression(p)
    return
  }
  expression(p)
  if (p.accept('FROM')) expression(p)
  else if (side) throw p.expected('FROM')
}

function substring(p: Parser): void {
  expression(p)
  if (!p.accept('FROM')) {
    more(p, 1, 2)
    return
  }
  expression(p)
  if (p.accept('FOR')) expression(p)
}

/** `'a' IN text`: what is sought cannot be an IN of its own. */
function position(p: Parser): void {
  p.rules.arithmetic(p)
  p.expect('IN')
  expression(p)
}

function extract(p: Parser): void {
  unit(p)
  p.expect('FROM')
  expression(p)
}

function dateChange(p: Parser): void {
  expression(p)
  p.expect(',')
  interval(p)
}

/** ADDDATE and SUBDATE also take a number of days. */
function dayChange(p: Parser): void {
  expression(p)
  p.expect(',')
  if (p.is('INTERVAL')) intervalOrValue(p)
  else expression(p)
}

/** `INTERVAL 1 DAY`, or a value that begins like it: `INTERVAL 1 DAY + x`, `INTERVAL(1, 2)`. */
function intervalOrValue(p: Parser): void {
  interval(p)
  p.rules.expression(p, true)
}

/** `TIMESTAMPADD(DAY, 1, x)`: these take no pairs of units such as DAY_HOUR. */
function timestampChange(p: Parser): void {
  if (p.token.word.includes('_') && !p.token.word.startsWith('SQL_TSI_')) throw p.expected('a unit such as DAY')
  unit(p)
  more(p, 2, 2)
}

const FORMATS: ReadonlySet<string> = new Set(['DATE', 'TIME', 'DATETIME', 'TIMESTAMP'])

function format(p: Parser): void {
  p.expectOne(FORMATS, 'DATE, TIME or DATETIME')
  more(p, 1, 1)
}

function weight(p: Parser): void {
  expression(p)
  if (!p.accept('AS')) return
  if (!p.is('CHAR') && !p.is('BINARY')) throw p.expected('CHAR or BINARY')
  p.advance()
  p.list(() => p.number())
}

function char(p: Parser): void {
  p.series(expression)
  if (p.accept('USING')) charset(p)
}

const FALLBACKS: ReadonlySet<string> = new Set(['NULL', 'ERROR', 'DEFAULT'])
const OCCASIONS: ReadonlySet<string> = new Set(['EMPTY', 'ERROR'])

/** `NULL ON EMPTY`, `ERROR ON ERROR`, `DEFAULT value ON EMPTY`, any of them. */
export function fallbacks(p: Parser): void {
  for (let word = p.acceptOne(FALLBACKS); word !== undefined; word = p.acceptOne(FALLBACKS)) {
    if (word === 'DEFAULT') p.rules.arithmetic(p)
    p.expect('ON')
    p.expectOne(OCCASIONS, 'EMPTY or ERROR')
  }
}

function jsonValue(p: Parser): void {
  expression(p)
  p.expect(',')
  p.text('a JSON path in quotes')
  if (p.accept('RETURNING')) castType(p)
  fallbacks(p)
}

/** `MATCH (a, b) AGAINST ('words' IN BOOLEAN MODE)`; the columns may stand without brackets. */
export function match(p: Parser): void {
  p.expect('MATCH')
  const bracket = p.accept('(')
  p.series(columnRef)
  if (bracket) p.expect(')')
  p.expect('AGAINST')
  p.expect('(')
  p.rules.arithmetic(p)
  if (p.acceptBoth('IN', 'BOOLEAN')) p.expect('MODE')
  else {
    if (p.acceptBoth('IN', 'NATURAL')) {
      p.expect('LANGUAGE')
      p.expect('MODE')
    }
    if (p.acceptBoth('WITH', 'QUERY')) p.expect('EXPANSION')
  }
  p.expect(')')
}

/** `VALUES(column)` is what INSERT would have written there. */
function insertedValue(p: Parser): void {
  const { context } = p
  if (p.insertTarget !== undefined) p.context = { ...context, only: p.insertTarget, within: undefined }
  columnRef(p)
  p.context = context
}

/** Whole seconds, or their decimals: `NOW(3)`. */
function precision(p: Parser): void {
  if (p.token.kind === 'number' && /^\d+$/.test(p.token.text)) p.advance()
}

const nothing = (): void => {}

/** How the brackets of calls are read that hold more than a list of expressions. */
export const SYNTAX: ReadonlyMap<string, (p: Parser) => unknown> = new Map<string, (p: Parser) => unknown>([
  ['CAST', cast],
  ['CONVERT', convert],
  ['TRIM', trim],
  ['SUBSTRING', substring],
  ['SUBSTR', substring],
  ['MID', substring],
  ['POSITION', position],
  ['EXTRACT', extract],
  ['DATE_ADD', dateChange],
  ['DATE_SUB', dateChange],
  ['ADDDATE', dayChange],
  ['SUBDATE', dayChange],
  ['TIMESTAMPADD', timestampChange],
  ['TIMESTAMPDIFF', timestampChange],
  ['GET_FORMAT', format],
  ['WEIGHT_STRING', weight],
  ['CHAR', char],
  ['JSON_VALUE', jsonValue],
  ['DEFAULT', columnRef],
  ...['CURRENT_DATE', 'CURRENT_USER', 'UTC_DATE', 'CURDATE'].map((name) => [name, nothing] as const),
  ...['CURRENT_TIME', 'CURRENT_TIMESTAMP', 'LOCALTIME', 'LOCALTIMESTAMP', 'UTC_TIME', 'UTC_TIMESTAMP'].map(
    (name) => [name, precision] as const,
  ),
  ...['NOW', 'SYSDATE', 'CURTIME'].map((name) => [name, precision] as const),
  ['VALUES', insertedValue],
])
