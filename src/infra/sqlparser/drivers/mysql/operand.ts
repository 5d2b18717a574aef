import type { Ref } from '../../driver.ts'
import { brackets, isScope } from './brackets.ts'
import { match } from './call-syntax.ts'
import { acceptBareCall, call, isCall } from './calls.ts'
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
  let ref: Ref | undefined
  const { kind } = p.token
  if (kind === 'number' || kind === 'parameter') p.advance()
  else if (kind === 'string') texts(p)
  else if (kind === 'variable') variable(p)
  else if (p.is('(')) {
    const inner = brackets(p)
    if (typeof inner === 'object' && !isScope(inner)) ref = inner
  } else if (p.is('{')) odbcEscape(p)
  else if (isCall(p)) call(p)
  else if (kind === 'word' && p.token.reserved) reserved(p)
  else ref = named(p)
  if (p.is('COLLATE')) ref = collations(p, ref)
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

/** A column, with a path into its JSON perhaps, or a literal such as DATE '2024-01-31'. */
function named(p: Parser): Ref | undefined {
  if (!p.isName && !p.is('.')) throw p.expected('a value')
  const next = p.peek(1)
  if (next.kind === 'string' && TEMPORAL.has(p.token.word) && isQuote(next.text)) {
    p.accept(p.token.word)
    p.advance()
    return undefined
  }
  const ref = columnRef(p)
  if (!p.is('->') && !p.is('->>')) return ref
  p.accept(p.token.word)
  p.text('a JSON path in quotes')
  return undefined
}

const isQuote = (text: string): boolean => text.startsWith("'") || text.startsWith('"')

function reserved(p: Parser): void {
  switch (p.token.word) {
    case 'NULL':
    case 'TRUE':
    case 'FALSE':
      p.accept(p.token.word)
      return
    case '_CHARSET':
      p.advance()
      if (!/^['"0?xXbB]/.test(p.token.text)) throw p.expected('a text in quotes')
      if (p.token.kind === 'string') texts(p)
      else p.advance()
      return
    case 'EXISTS':
      p.accept('EXISTS')
      if (!isQueryIn(brackets(p))) throw p.fail('failed to parse SQL: expected a query behind EXISTS', p.at - 1)
      return
    case 'CASE':
      caseOf(p)
      return
    case 'ROW':
      p.accept('ROW')
      if (!isRow(brackets(p))) throw p.fail('failed to parse SQL: a row has two values at least', p.at - 1)
      return
    case 'INTERVAL':
      if (interval(p) && !p.is('+')) throw p.expected('+')
      return
    case 'MATCH':
      match(p)
      return
    default:
      if (!acceptBareCall(p)) throw p.expected('a value')
  }
}

const isRow = (inner: ReturnType<typeof brackets>): boolean => typeof inner === 'number' && inner > 1

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
