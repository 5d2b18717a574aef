import { orderItems } from './order.ts'
import type { Parser } from './parser.ts'
import { over } from './windows.ts'

/** What may stand between the brackets of an aggregate. */
type AggregateShape = {
  /** `COUNT(*)`. */
  readonly star?: boolean
  readonly distinct?: boolean
  /** Several arguments: always, or only behind DISTINCT. */
  readonly many?: 'always' | 'distinct'
  /** How many arguments there are; one unless said otherwise. */
  readonly count?: number
  /** ORDER BY and SEPARATOR. */
  readonly ordered?: boolean
}

const ONE: AggregateShape = { distinct: true }
const PLAIN: AggregateShape = {}

export const AGGREGATES: ReadonlyMap<string, AggregateShape> = new Map<string, AggregateShape>([
  ['COUNT', { star: true, distinct: true, many: 'distinct' }],
  ['GROUP_CONCAT', { distinct: true, many: 'always', ordered: true }],
  ...['SUM', 'AVG', 'MIN', 'MAX', 'ST_COLLECT'].map((name) => [name, ONE] as const),
  ...['BIT_AND', 'BIT_OR', 'BIT_XOR', 'JSON_ARRAYAGG'].map((name) => [name, PLAIN] as const),
  ['JSON_OBJECTAGG', { count: 2 }],
  ...['STD', 'STDDEV', 'STDDEV_POP', 'STDDEV_SAMP', 'VARIANCE', 'VAR_POP', 'VAR_SAMP'].map(
    (name) => [name, PLAIN] as const,
  ),
])

/** Reads an aggregate; with OVER it is none. */
export function aggregate(p: Parser, { star, distinct, many, count = 1, ordered }: AggregateShape): void {
  const { context } = p
  p.call(p.at, p.anyName('call'))
  // Inside, columns win over labels everywhere.
  if (context.alias === 'first') p.context = { ...context, alias: 'last' }
  const cost = ordered === true ? 2 : 1.25
  p.enter(cost)
  p.expect('(')
  if (star !== true || !p.accept('*')) {
    const unique = distinct === true && (p.accept('DISTINCT') || p.accept('DISTINCTROW'))
    for (let read = 0; read === 0 || (more(many, unique) ? p.is(',') : read < count); read++) {
      if (read > 0) p.expect(',')
      if (many === undefined || (many === 'distinct' && !unique)) p.accept('ALL')
      p.rules.expression(p)
    }
    if (ordered === true) ordering(p)
  }
  p.expect(')')
  p.leave(cost)
  p.context = context
  if (!over(p)) p.scope.aggregate = true
}

const more = (many: AggregateShape['many'], unique: boolean): boolean =>
  many === 'always' || (many === 'distinct' && unique)

/** What GROUP_CONCAT has behind its arguments. */
function ordering(p: Parser): void {
  if (p.acceptBoth('ORDER', 'BY')) orderItems(p, false)
  if (p.accept('SEPARATOR')) p.text()
}
