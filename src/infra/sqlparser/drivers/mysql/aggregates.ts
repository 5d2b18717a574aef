import { orderItems } from './order.ts'
import type { Parser } from './parser.ts'
import { over } from './windows.ts'

/** What may stand between the brackets of an aggregate. */
type AggregateShape = {
  readonly star?: boolean
  readonly distinct?: boolean
  readonly many?: boolean
  /** How many arguments there are; one unless said otherwise. */
  readonly count?: number
  /** ORDER BY and SEPARATOR. */
  readonly ordered?: boolean
}

const ONE: AggregateShape = { distinct: true }
const PLAIN: AggregateShape = {}

export const AGGREGATES: ReadonlyMap<string, AggregateShape> = new Map([
  ['COUNT', { star: true, distinct: true, many: true }],
  ['GROUP_CONCAT', { distinct: true, many: true, ordered: true }],
  ...['SUM', 'AVG', 'MIN', 'MAX', 'ST_COLLECT'].map((name) => [name, ONE] as const),
  ...['BIT_AND', 'BIT_OR', 'BIT_XOR', 'JSON_ARRAYAGG'].map((name) => [name, PLAIN] as const),
  ['JSON_OBJECTAGG', { count: 2 }],
  ...['STD', 'STDDEV', 'STDDEV_POP', 'STDDEV_SAMP', 'VARIANCE', 'VAR_POP', 'VAR_SAMP'].map(
    (name) => [name, PLAIN] as const,
  ),
])

/** Reads an aggregate; with OVER it is none. */
export function aggregate(p: Parser, shape: AggregateShape): void {
  const { context, at } = p
  p.call(at, p.token.word)
  p.anyName('call')
  // Inside, columns win over labels everywhere.
  if (context.alias === 'first') p.context = { ...context, alias: 'last' }
  p.enter()
  p.expect('(')
  argumentsOf(p, shape)
  p.expect(')')
  p.leave()
  p.context = context
  if (!over(p)) p.scope.aggregate = true
}

function argumentsOf(p: Parser, shape: AggregateShape): void {
  if (shape.star === true && p.accept('*')) return
  const distinct = shape.distinct === true && p.accept('DISTINCT')
  if (!distinct) p.accept('ALL')
  let count = 0
  do {
    p.rules.expression(p)
    count++
  } while ((shape.many === true || count < (shape.count ?? 1)) && p.accept(','))
  if (count < (shape.count ?? 1)) throw p.expected(',')
  if (shape.ordered !== true) return
  if (p.acceptBoth('ORDER', 'BY')) orderItems(p, false)
  if (p.accept('SEPARATOR')) p.text()
}
