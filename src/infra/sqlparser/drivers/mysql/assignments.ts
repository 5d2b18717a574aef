import type { Source } from '../../driver.ts'
import type { Parser } from './parser.ts'
import { columnRef } from './references.ts'

/**
 * Reads `a = 1, b = DEFAULT`. With `target` the columns on the left can only be its own. Gives the qualifiers of those
 * columns; undefined stands for a column without one.
 */
export function assignments(p: Parser, target: Source | undefined): Set<string | undefined> {
  const qualifiers = new Set<string | undefined>()
  const { context } = p
  const left = target === undefined ? context : { ...context, only: target, within: undefined }
  for (;;) {
    p.context = left
    const ref = columnRef(p)
    qualifiers.add(ref.qualifier?.name)
    p.scope.sets ??= []
    p.scope.sets.push(ref)
    p.context = context
    if (!p.accept(':=')) p.expect('=')
    value(p)
    if (!p.is(',')) return qualifiers
    p.token.wide = true
    p.accept(',')
  }
}

/** Reads a value that is written to a column: an expression or DEFAULT. */
export function value(p: Parser): void {
  if (p.is('DEFAULT') && p.peek(1).word !== '(') p.accept('DEFAULT')
  else p.rules.expression(p)
}
