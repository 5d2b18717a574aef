import { brackets } from './brackets.ts'
import type { Parser } from './parser.ts'

const UNITS: ReadonlySet<string> = new Set([
  ...['MICROSECOND', 'SECOND', 'MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR'],
  ...['SECOND_MICROSECOND', 'MINUTE_MICROSECOND', 'MINUTE_SECOND', 'HOUR_MICROSECOND', 'HOUR_SECOND', 'HOUR_MINUTE'],
  ...['DAY_MICROSECOND', 'DAY_SECOND', 'DAY_MINUTE', 'DAY_HOUR', 'YEAR_MONTH'],
  ...['SQL_TSI_SECOND', 'SQL_TSI_MINUTE', 'SQL_TSI_HOUR', 'SQL_TSI_DAY', 'SQL_TSI_WEEK', 'SQL_TSI_MONTH'],
  ...['SQL_TSI_QUARTER', 'SQL_TSI_YEAR'],
])

export function unit(p: Parser): void {
  p.expectOne(UNITS, 'a unit such as DAY')
}

/** Reads `INTERVAL 1 DAY`, or the function `INTERVAL(a, b, …)`; true for the former. */
export function interval(p: Parser): boolean {
  const token = p.at
  p.enter()
  p.expect('INTERVAL')
  if (p.is('(')) {
    const inner = brackets(p)
    if (typeof inner === 'number' && inner > 1) {
      p.call(token, 'interval')
      p.leave()
      return false
    }
    p.rules.expression(p, true)
  } else p.rules.expression(p)
  unit(p)
  p.leave()
  return true
}
