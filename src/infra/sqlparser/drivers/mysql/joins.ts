import type { Source } from '../../driver.ts'
import type { Parser } from './parser.ts'

/** A join whose condition has not been read: its left side begins at `from`, its right side at `middle`. */
export type OpenJoin = { readonly from: number; readonly middle: number; readonly outer: boolean }

/** A condition that has been read; what it sees is filled in when the whole chain of joins has been read. */
export type Condition = {
  readonly join: OpenJoin
  /** Where its right side ends. */
  readonly end: number
  /** How many joins waited on the stack, and the last of them. */
  readonly height: number
  readonly below: OpenJoin | undefined
  readonly all: Source[]
  readonly left: Source[]
  readonly right: Source[]
}

/** Reads the words of a join, if one is next. */
export function acceptJoin(p: Parser): 'inner' | 'outer' | 'natural' | undefined {
  switch (p.token.word) {
    case 'JOIN':
    case 'STRAIGHT_JOIN':
      p.accept(p.token.word)
      return 'inner'
    case 'INNER':
    case 'CROSS':
      p.accept(p.token.word)
      p.expect('JOIN')
      return 'inner'
    case 'LEFT':
    case 'RIGHT':
      outerJoin(p)
      return 'outer'
    case 'NATURAL':
      p.scope.natural ??= p.at
      p.accept('NATURAL')
      if (p.is('LEFT') || p.is('RIGHT')) outerJoin(p)
      else {
        p.accept('INNER')
        p.expect('JOIN')
      }
      return 'natural'
    default:
      return undefined
  }
}

function outerJoin(p: Parser): void {
  p.accept(p.token.word)
  p.accept('OUTER')
  p.expect('JOIN')
}

/** ON or USING is next, and not the ON DUPLICATE KEY of an INSERT around. */
export function startsCondition(p: Parser): boolean {
  if (p.is('ON')) return p.peek(1).word !== 'DUPLICATE' || p.peek(2).word !== 'KEY'
  return p.is('USING')
}

export function readCondition(p: Parser, { all, left, right }: Condition): void {
  if (p.accept('ON')) {
    const { context, scope } = p
    const first = p.at
    p.context = { ...context, within: all }
    p.rules.expression(p)
    p.context = context
    scope.joins ??= []
    scope.joins.push({ first, end: p.at, sources: all })
    return
  }
  p.expect('USING')
  p.list(() => {
    const token = p.at
    const column = p.name('column', 'a name of a column')
    p.scope.refs.push({ token, column, using: { left, right } })
  })
}

/**
 * Says what a condition sees: both sides of its join. Joins without a condition of their own that waited below it,
 * to the end, belong to its left side: `a JOIN b JOIN c ON …` sees a.
 */
export function fill(condition: Condition, open: readonly OpenJoin[], sources: readonly Source[]): void {
  const { join, end, height, below, all, left, right } = condition
  const waited = below !== undefined && open[height - 1] === below
  const from = waited ? (open[0] ?? join).from : join.from
  all.push(...sources.slice(from, end))
  left.push(...sources.slice(from, join.middle))
  right.push(...sources.slice(join.middle, end))
}
