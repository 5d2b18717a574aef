import type { Mutable, Parser } from './parser.ts'

/**
 * Reads the items of ORDER BY. With `labels` a plain name there means a label of the select list first; in windows and
 * aggregates it does not.
 */
export function orderItems(p: Parser, labels: boolean): void {
  p.series(() => {
    const ref: Mutable<NonNullable<ReturnType<Parser['rules']['expression']>>> | undefined = p.rules.expression(p)
    if (labels && ref !== undefined && ref.qualifier === undefined) ref.alias = 'first'
    if (!p.accept('ASC')) p.accept('DESC')
  })
}

/** Reads ORDER BY, where a query or a statement ends, if it is next. */
export function orderBy(p: Parser): boolean {
  if (!p.acceptBoth('ORDER', 'BY')) return false
  const { context } = p
  p.context = { ...context, alias: 'last' }
  orderItems(p, true)
  p.context = context
  return true
}

/** Reads LIMIT, if it is next; `range`: also with an offset. */
export function limit(p: Parser, range: boolean): boolean {
  if (!p.accept('LIMIT')) return false
  count(p)
  if (range && (p.accept(',') || p.accept('OFFSET'))) count(p)
  return true
}

function count(p: Parser): void {
  if (p.token.kind !== 'parameter' && !(p.token.kind === 'number' && /^(\d+|0x[\da-f]+)$/i.test(p.token.text)))
    throw p.expected('a whole number or a parameter')
  p.advance()
}
