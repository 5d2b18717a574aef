import type { Ref } from '../../driver.ts'
import { brackets, isScope } from './brackets.ts'
import { interval } from './intervals.ts'
import { collations, operand } from './operand.ts'
import type { Parser } from './parser.ts'

const JUNCTIONS: ReadonlySet<string> = new Set(['AND', 'OR', '&&', '||', 'XOR'])
const COMPARISONS: ReadonlySet<string> = new Set(['=', '<=>', '<>', '!=', '<', '<=', '>', '>='])
const BINARY: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '^', '|', '&', '<<', '>>', 'DIV', 'MOD'])
const QUANTIFIERS: ReadonlySet<string> = new Set(['ANY', 'SOME', 'ALL'])
const NO_QUERY = 'failed to parse SQL: expected a query behind ANY, SOME or ALL'
const TRUTHS: ReadonlySet<string> = new Set(['TRUE', 'FALSE', 'UNKNOWN'])
const NEGATABLE: ReadonlySet<string> = new Set(['IN', 'LIKE', 'BETWEEN', 'REGEXP', 'RLIKE'])

/**
 * Reads an expression. As no tree is built, precedence only matters for what may follow what: every level is a loop,
 * and only brackets and CASE recurse. Gives the reference when the expression is nothing but a column. With `given`
 * the first operand has been read already.
 */
export function expression(p: Parser, given = false): Ref | undefined {
  let alone = true
  let first = given
  for (;;) {
    if (!first) while (p.accept('NOT')) alone = false
    const ref = comparison(p, first)
    if (p.acceptOne(JUNCTIONS) === undefined) return alone ? ref : undefined
    alone = false
    first = false
  }
}

function comparison(p: Parser, given: boolean): Ref | undefined {
  let ref = predicate(p, given)
  for (;;) {
    if (p.acceptOne(COMPARISONS) !== undefined) {
      if (!QUANTIFIERS.has(p.token.word) || p.peek(1).word !== '(') predicate(p)
      else {
        p.acceptOne(QUANTIFIERS)
        const inner = brackets(p)
        if (typeof inner === 'number' || !isScope(inner)) throw p.fail(NO_QUERY, p.at - 1)
      }
    } else if (p.accept('IS')) {
      p.accept('NOT')
      // Unlike NULL, the truth values end a comparison.
      if (p.acceptOne(TRUTHS) !== undefined) return undefined
      p.expect('NULL')
    } else return ref
    ref = undefined
  }
}

/** The right side of BETWEEN … AND is such an expression again, so this is a loop. */
function predicate(p: Parser, given = false): Ref | undefined {
  let ref = arithmetic(p, given)
  for (;;) {
    if (p.is('NOT') && NEGATABLE.has(p.peek(1).word)) p.accept('NOT')
    switch (p.token.word) {
      case 'BETWEEN':
        p.accept('BETWEEN')
        arithmetic(p)
        p.expect('AND')
        arithmetic(p)
        ref = undefined
        continue
      case 'IN':
        p.accept('IN')
        brackets(p)
        return undefined
      case 'LIKE':
        p.accept('LIKE')
        operand(p)
        if (p.accept('ESCAPE')) operand(p)
        return undefined
      case 'REGEXP':
      case 'RLIKE':
        p.accept(p.token.word)
        arithmetic(p)
        return undefined
      case 'MEMBER':
        if (p.peek(1).word !== 'OF' && p.peek(1).word !== '(') return ref
        p.accept('MEMBER')
        p.accept('OF')
        p.enter()
        p.expect('(')
        operand(p)
        p.expect(')')
        p.leave()
        return undefined
      case 'SOUNDS':
        if (!p.acceptBoth('SOUNDS', 'LIKE')) return ref
        arithmetic(p)
        return undefined
      default:
        return ref
    }
  }
}

/** Reads the part of an expression that holds no comparison, IN, AND or OR. */
export function arithmetic(p: Parser, given = false): Ref | undefined {
  let ref = given ? collations(p, undefined) : operand(p)
  for (;;) {
    const operator = p.acceptOne(BINARY)
    if (operator === undefined) return ref
    if ((operator === '+' || operator === '-') && p.is('INTERVAL')) interval(p)
    else operand(p)
    ref = undefined
  }
}
