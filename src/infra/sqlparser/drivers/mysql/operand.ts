import type { Ref } from '../../driver.ts'
import { brackets, isScope } from './brackets.ts'
import { call, isFunction, reservedCall } from './calls.ts'
import { charset } from './charsets.ts'
import { interval } from './intervals.ts'
import type { Parser } from './parser.ts'
import { columnRef } from './references.ts'

const PREFIXES: ReadonlySet<string> = new Set(['+', '-', '~', '!', 'BINARY'])
const TEMPORAL: ReadonlySet<string> = new Set(['DATE', 'TIME', 'TIMESTAMP'])

/** Reads one operand with its signs and collation. Gives the reference when it is nothing but a column. */
export function operand(p: Parser): Ref | undefined {
  let alone = true
  while (PREFIXES.has(p.token.word)) {
    p.accept(p.token.word)
    alone = false
  }
  const ref = collations(p, primary(p))
  return alone ? ref : undefined
}

/** Reads `COLLATE name`, any number of times. */
export function collations(p: Parser, ref: Ref | undefined): Ref | undefined {
  let plain = ref
  while (p.accept('COLLATE')) {
    charset(p)
    plain = undefined
  }
  return plain
}

function primary(p: Parser): Ref | undefined {
  const { kind } = p.token
  if (kind === 'number' || kind === 'parameter') p.advance()
  else if (kind === 'string') texts(p)
  else if (kind === 'variable') variable(p)
  else if (kind === 'quoted') return named(p)
  else if (kind === 'word') return p.token.reserved ? reserved(p) : named(p)
  else if (p.is('(')) return bracketed(p)
  else if (p.is('.')) return columnRef(p)
  else if (p.is('{')) odbcEscape(p)
  else throw p.expected('a value')
  return undefined
}

function bracketed(p: Parser): Ref | undefined {
  const inner = brackets(p)
  return typeof inner === 'number' || isScope(inner) ? undefined : inner
}

/** Texts side by side are one text: `'a' 'b'`. */
function texts(p: Parser): void {
  const bits = 'xXbB'.includes(p.token.text.charAt(0))
  p.advance()
  while (!bits && isPlainText(p)) p.advance()
}

const isPlainText = (p: Parser): boolean =>
  p.token.kind === 'string' && (p.token.text.startsWith("'") || p.token.text.startsWith('"'))

/** `@a := value` assigns; everything behind it belongs to the value. */
function variable(p: Parser): void {
  p.advance()
  if (!p.is(':=')) return
  p.enter()
  p.accept(':=')
  p.rules.expression(p)
  p.leave()
}

/** A column, a call, or a literal such as DATE '2024-01-31'. */
function named(p: Parser): Ref | undefined {
  const next = p.peek(1)
  if (next.kind === 'string' && TEMPORAL.has(p.token.word) && isQuote(next.text)) {
    p.accept(p.token.word)
    p.advance()
    return undefined
  }
  if (next.word === '(' && p.token.kind === 'word') {
    call(p)
    return undefined
  }
  if (isFunction(p)) {
    call(p)
    return undefined
  }
  const ref = columnRef(p)
  if (p.is('->') || p.is('->>')) {
    p.accept(p.token.word)
    p.text('a JSON path in quotes')
    return undefined
  }
  return ref
}

const isQuote = (text: string): boolean => text.startsWith("'") || text.startsWith('"')

function reserved(p: Parser): undefined {
  switch (p.token.word) {
    case 'NULL':
    case 'TRUE':
    case 'FALSE':
      p.accept(p.token.word)
      return
    case '_CHARSET':
      p.advance()
      if (p.token.kind !== 'string' && p.token.kind !== 'number' && p.token.kind !== 'parameter')
        throw p.expected('a text in quotes')
      if (p.token.kind === 'string') texts(p)
      else p.advance()
      return
    case 'EXISTS':
      p.accept('EXISTS')
      if (!isQueryIn(brackets(p))) throw p.fail('expected a query behind EXISTS', p.at - 1)
      return
    case 'CASE':
      caseOf(p)
      return
    case 'ROW':
      p.accept('ROW')
      if (brackets(p) === 1) throw p.fail('a row has two values at least', p.at - 1)
      return
    case 'INTERVAL':
      if (interval(p) && !p.is('+')) throw p.expected('+')
      return
    default:
      if (!reservedCall(p)) throw p.expected('a value')
  }
}

const isQueryIn = (inner: ReturnType<typeof brackets>): boolean => typeof inner === 'object' && isScope(inner)

function caseOf(p: Parser): void {
  p.enter()
  p.expect('CASE')
  if (!p.is('WHEN')) p.rules.expression(p)
  p.expect('WHEN')
  do {
    p.rules.expression(p)
    p.expect('THEN')
    p.rules.expression(p)
  } while (p.accept('WHEN'))
  if (p.accept('ELSE')) p.rules.expression(p)
  p.expect('END')
  p.leave()
}

/** The escapes of ODBC: `{d '2024-01-31'}`, `{fn NOW()}`. */
function odbcEscape(p: Parser): void {
  p.enter()
  p.expect('{')
  if (!p.isName) throw p.expected('d, t, ts or fn')
  p.advance()
  p.rules.expression(p)
  p.expect('}')
  p.leave()
}
