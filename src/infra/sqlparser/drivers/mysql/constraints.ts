import type { Source } from '../../driver.ts'
import type { Mutable, Parser } from './parser.ts'
import { plainColumn } from './references.ts'
import { tableSource } from './table-names.ts'

const KEYS: ReadonlySet<string> = new Set(['INDEX', 'KEY'])
const METHODS: ReadonlySet<string> = new Set(['BTREE', 'HASH', 'RTREE'])

/** Reads an index or a constraint of a table, if one is next: in CREATE TABLE and behind ALTER TABLE … ADD. */
export function tableConstraint(p: Parser): boolean {
  const named = p.accept('CONSTRAINT')
  if (named && p.isName) p.name('name')
  switch (p.token.word) {
    case 'PRIMARY':
      p.accept('PRIMARY')
      p.expect('KEY')
      index(p)
      return true
    case 'UNIQUE':
      p.accept('UNIQUE')
      p.acceptOne(KEYS)
      index(p)
      return true
    case 'FOREIGN':
      foreignKey(p)
      return true
    case 'CHECK':
      checkConstraint(p)
      return true
  }
  if (named) throw p.expected('PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK')
  if (p.is('FULLTEXT') || p.is('SPATIAL')) {
    p.accept(p.token.word)
    p.acceptOne(KEYS)
    index(p, false)
    return true
  }
  if (p.acceptOne(KEYS) === undefined) return false
  index(p)
  return true
}

/** `name USING BTREE (a, b(10) DESC) options`; some have no method to choose. */
function index(p: Parser, hasMethod = true): void {
  const named = p.isName
  if (named) p.name('name')
  if (hasMethod && (named || p.is('USING'))) method(p)
  keyParts(p)
  while (indexOption(p));
}

function method(p: Parser): boolean {
  if (!p.accept('USING') && !p.accept('TYPE')) return false
  p.expectOne(METHODS, 'BTREE or HASH')
  return true
}

/** The parts of an index: columns, with a length perhaps, or expressions in brackets. */
export function keyParts(p: Parser): void {
  p.list(() => {
    if (p.accept('(')) {
      p.enter()
      p.rules.expression(p)
      p.expect(')')
      p.leave()
    } else {
      plainColumn(p)
      if (p.is('(')) p.list(() => p.number('a length'))
    }
    if (!p.accept('ASC')) p.accept('DESC')
  })
}

/** Reads one option of an index, if one is next. */
export function indexOption(p: Parser): boolean {
  switch (p.token.word) {
    case 'USING':
    case 'TYPE':
      return method(p)
    case 'KEY_BLOCK_SIZE':
      p.accept('KEY_BLOCK_SIZE')
      p.accept('=')
      p.number()
      return true
    case 'COMMENT':
      p.accept('COMMENT')
      p.text()
      return true
    case 'WITH':
      p.accept('WITH')
      p.expect('PARSER')
      p.name('name')
      return true
    case 'ENGINE_ATTRIBUTE':
    case 'SECONDARY_ENGINE_ATTRIBUTE':
      p.accept(p.token.word)
      p.accept('=')
      p.text()
      return true
    default:
      return p.accept('VISIBLE') || p.accept('INVISIBLE')
  }
}

function foreignKey(p: Parser): void {
  p.expect('FOREIGN')
  p.expect('KEY')
  if (p.isName) p.name('name')
  keyParts(p)
  if (!references(p)) throw p.expected('REFERENCES')
}

const MATCHES: ReadonlySet<string> = new Set(['FULL', 'PARTIAL', 'SIMPLE'])
const OCCASIONS: ReadonlySet<string> = new Set(['DELETE', 'UPDATE'])
const ACTIONS: ReadonlySet<string> = new Set(['RESTRICT', 'CASCADE'])

/** Reads `REFERENCES t (a, b) ON DELETE CASCADE`, if it is next. */
export function references(p: Parser): boolean {
  if (!p.accept('REFERENCES')) return false
  const source: Mutable<Source> = tableSource(p)
  p.scope.sources.push(source)
  if (p.is('(')) {
    const { context } = p
    p.context = { ...context, only: source }
    p.list(plainColumn)
    p.context = context
  }
  if (p.accept('MATCH')) p.expectOne(MATCHES, 'FULL, PARTIAL or SIMPLE')
  while (p.accept('ON')) {
    p.expectOne(OCCASIONS, 'DELETE or UPDATE')
    if (p.acceptOne(ACTIONS) !== undefined || p.acceptBoth('NO', 'ACTION')) continue
    p.expect('SET')
    if (!p.accept('NULL')) p.expect('DEFAULT')
  }
  return true
}

/** `CHECK (expression) NOT ENFORCED`. */
export function checkConstraint(p: Parser): void {
  p.expect('CHECK')
  p.expect('(')
  p.rules.expression(p)
  p.expect(')')
  if (!p.acceptBoth('NOT', 'ENFORCED')) p.accept('ENFORCED')
}
