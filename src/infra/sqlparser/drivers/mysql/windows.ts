import { interval } from './intervals.ts'
import { orderItems } from './order.ts'
import type { Parser } from './parser.ts'

/** The least and the greatest number of arguments, and what may follow the bracket. */
type WindowShape = {
  readonly least: number
  readonly most: number
  readonly from?: boolean
  readonly nulls?: boolean
}

const NONE: WindowShape = { least: 0, most: 0 }

export const WINDOW_FUNCTIONS: ReadonlyMap<string, WindowShape> = new Map([
  ...['ROW_NUMBER', 'RANK', 'DENSE_RANK', 'CUME_DIST', 'PERCENT_RANK'].map((name) => [name, NONE] as const),
  ['NTILE', { least: 1, most: 1 }],
  ['LEAD', { least: 1, most: 3, nulls: true }],
  ['LAG', { least: 1, most: 3, nulls: true }],
  ['FIRST_VALUE', { least: 1, most: 1, nulls: true }],
  ['LAST_VALUE', { least: 1, most: 1, nulls: true }],
  ['NTH_VALUE', { least: 2, most: 2, from: true, nulls: true }],
])

/** Reads a function that is always followed by OVER. */
export function windowFunction(p: Parser, { least, most, from, nulls }: WindowShape): void {
  p.call(p.at, p.token.word)
  p.anyName('call')
  p.enter()
  p.expect('(')
  for (let count = 0; count < most && (count === 0 || count < least || p.is(',')); count++) {
    if (count > 0) p.expect(',')
    p.rules.expression(p)
  }
  p.expect(')')
  p.leave()
  if (from === true && p.accept('FROM')) p.expectOne(ENDS, 'FIRST or LAST')
  if (nulls === true && p.acceptOne(NULLS) !== undefined) p.expect('NULLS')
  if (!over(p)) throw p.expected('OVER')
}

const ENDS: ReadonlySet<string> = new Set(['FIRST', 'LAST'])
const NULLS: ReadonlySet<string> = new Set(['RESPECT', 'IGNORE'])

/** Reads OVER with its window, if it is next. */
export function over(p: Parser): boolean {
  if (!p.accept('OVER')) return false
  if (p.is('(')) window(p)
  else p.name('name', 'a name of a window')
  return true
}

const FRAMES: ReadonlySet<string> = new Set(['ROWS', 'RANGE', 'GROUPS'])

/** Reads `(window PARTITION BY … ORDER BY … frame)`. Labels of the select list are not visible in there. */
export function window(p: Parser): void {
  const { context } = p
  p.context = { ...context, alias: undefined }
  p.enter(2)
  p.expect('(')
  if (p.isName) p.name('name')
  if (p.accept('PARTITION')) {
    p.expect('BY')
    p.series((parser) => parser.rules.expression(parser))
  }
  if (p.acceptBoth('ORDER', 'BY')) orderItems(p, false)
  if (p.acceptOne(FRAMES) !== undefined) frame(p)
  p.expect(')')
  p.leave(2)
  p.context = context
}

const EXCLUDED: ReadonlySet<string> = new Set(['GROUP', 'TIES'])

function frame(p: Parser): void {
  if (!p.accept('BETWEEN')) bound(p)
  else {
    bound(p)
    p.expect('AND')
    bound(p)
  }
  if (!p.accept('EXCLUDE') || p.acceptBoth('CURRENT', 'ROW') || p.acceptBoth('NO', 'OTHERS')) return
  p.expectOne(EXCLUDED, 'CURRENT ROW, NO OTHERS, GROUP or TIES')
}

const SIDES: ReadonlySet<string> = new Set(['PRECEDING', 'FOLLOWING'])

function bound(p: Parser): void {
  if (p.acceptBoth('CURRENT', 'ROW')) return
  if (p.is('INTERVAL')) interval(p)
  else if (p.token.kind === 'number' || p.token.kind === 'parameter') p.advance()
  else p.expect('UNBOUNDED')
  p.expectOne(SIDES, 'PRECEDING or FOLLOWING')
}
