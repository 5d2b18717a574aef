import { charset } from './charsets.ts'
import { checkConstraint, references } from './constraints.ts'
import type { Parser } from './parser.ts'
import { plainColumn } from './references.ts'
import { columnType } from './types.ts'

/** Reads `name type attributes`. The context says whose column it is. */
export function columnDefinition(p: Parser): void {
  plainColumn(p)
  fieldDefinition(p)
}

/** Reads what follows the name of a column in its definition. */
export function fieldDefinition(p: Parser): void {
  columnType(p)
  if (p.accept('COLLATE')) charset(p)
  if (p.accept('GENERATED')) {
    p.expect('ALWAYS')
    p.expect('AS')
    generated(p)
  } else if (p.accept('AS')) generated(p)
  while (attribute(p));
  references(p)
}

function generated(p: Parser): void {
  inBrackets(p)
  if (!p.accept('VIRTUAL')) p.accept('STORED')
}

function inBrackets(p: Parser): void {
  p.expect('(')
  p.rules.expression(p)
  p.expect(')')
}

const FORMATS: ReadonlySet<string> = new Set(['DEFAULT', 'FIXED', 'DYNAMIC'])
const STORAGES: ReadonlySet<string> = new Set(['DEFAULT', 'DISK', 'MEMORY'])

/** Reads one attribute of a column, if one is next. */
function attribute(p: Parser): boolean {
  switch (p.token.word) {
    case 'NULL':
    case 'AUTO_INCREMENT':
    case 'VISIBLE':
    case 'INVISIBLE':
    case 'KEY':
      return p.accept(p.token.word)
    case 'NOT':
      p.accept('NOT')
      if (!p.accept('SECONDARY')) p.expect('NULL')
      return true
    case 'PRIMARY':
      p.accept('PRIMARY')
      p.expect('KEY')
      return true
    case 'UNIQUE':
      p.accept('UNIQUE')
      p.accept('KEY')
      return true
    case 'DEFAULT':
      p.accept('DEFAULT')
      defaultValue(p)
      return true
    case 'ON':
      p.accept('ON')
      p.expect('UPDATE')
      now(p)
      return true
    case 'SERIAL':
      p.accept('SERIAL')
      p.expect('DEFAULT')
      p.expect('VALUE')
      return true
    case 'COMMENT':
      p.accept('COMMENT')
      p.text()
      return true
    case 'COLLATE':
      p.accept('COLLATE')
      charset(p)
      return true
    case 'COLUMN_FORMAT':
      p.accept('COLUMN_FORMAT')
      p.expectOne(FORMATS, 'FIXED, DYNAMIC or DEFAULT')
      return true
    case 'STORAGE':
      p.accept('STORAGE')
      p.expectOne(STORAGES, 'DISK, MEMORY or DEFAULT')
      return true
    case 'SRID':
      p.accept('SRID')
      p.number()
      return true
    case 'ENGINE_ATTRIBUTE':
    case 'SECONDARY_ENGINE_ATTRIBUTE':
      p.accept(p.token.word)
      p.accept('=')
      p.text()
      return true
    case 'CONSTRAINT':
    case 'CHECK':
      if (p.accept('CONSTRAINT') && p.isName) p.name('name')
      checkConstraint(p)
      return true
    default:
      return false
  }
}

const NOWS: ReadonlySet<string> = new Set(['CURRENT_TIMESTAMP', 'LOCALTIME', 'LOCALTIMESTAMP', 'NOW'])

/** A literal, the current time, or an expression in brackets. */
export function defaultValue(p: Parser): void {
  if (p.is('(')) inBrackets(p)
  else if (NOWS.has(p.token.word)) now(p)
  else literal(p)
}

/** `CURRENT_TIMESTAMP`, perhaps with a precision. */
function now(p: Parser): void {
  if (!NOWS.has(p.token.word)) throw p.expected('CURRENT_TIMESTAMP')
  p.rules.arithmetic(p)
}

/** Reads a literal, with a sign perhaps. */
function literal(p: Parser): void {
  const { kind, word } = p.token
  const next = p.peek(1)
  const signed = (word === '+' || word === '-') && next.kind === 'number'
  const plain = kind === 'number' || kind === 'string' || word === 'NULL' || word === 'TRUE' || word === 'FALSE'
  const typed = word === '_CHARSET' || (kind === 'word' && next.kind === 'string')
  if (!signed && !plain && !typed) throw p.expected('a literal')
  p.rules.operand(p)
}
