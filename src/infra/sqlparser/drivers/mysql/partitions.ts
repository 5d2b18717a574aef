import type { Parser } from './parser.ts'
import { plainColumn } from './references.ts'
import { refuseOutside } from './table-options.ts'

/** Reads `PARTITION BY …`, if it is next. */
export function partitioning(p: Parser): boolean {
  if (!p.acceptBoth('PARTITION', 'BY')) return false
  if (p.is('RANGE') || p.is('LIST')) {
    p.accept(p.token.word)
    if (p.accept('COLUMNS') || p.accept('FIELDS')) p.list(plainColumn)
    else inBrackets(p)
  } else hashing(p)
  if (p.accept('PARTITIONS')) p.number()
  if (p.acceptBoth('SUBPARTITION', 'BY')) {
    hashing(p)
    if (p.accept('SUBPARTITIONS')) p.number()
  }
  if (p.is('(')) partitionDefinitions(p)
  return true
}

/** `LINEAR HASH (expression)`, `KEY ALGORITHM = 2 (columns)`. */
function hashing(p: Parser): void {
  p.accept('LINEAR')
  if (p.accept('HASH')) {
    inBrackets(p)
    return
  }
  p.expect('KEY')
  if (p.accept('ALGORITHM')) {
    p.expect('=')
    p.number()
  }
  p.expect('(')
  if (!p.is(')')) p.series(plainColumn)
  p.expect(')')
}

function inBrackets(p: Parser): void {
  p.expect('(')
  p.rules.arithmetic(p)
  p.expect(')')
}

/** `(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB, …)`. */
export function partitionDefinitions(p: Parser): void {
  p.list(() => {
    p.expect('PARTITION')
    p.name('name')
    if (p.accept('VALUES')) bounds(p)
    while (option(p));
    if (p.is('(')) p.list(subpartition)
  })
}

function subpartition(p: Parser): void {
  p.expect('SUBPARTITION')
  if (p.token.kind === 'string') p.advance()
  else p.name('name')
  while (option(p));
}

function bounds(p: Parser): void {
  if (p.accept('LESS')) {
    p.expect('THAN')
    if (!p.accept('MAXVALUE')) p.list(bound)
  } else {
    p.expect('IN')
    p.list(bound)
  }
}

/** A value, MAXVALUE, or several of them in brackets. */
function bound(p: Parser): void {
  if (!p.accept('MAXVALUE')) p.rules.arithmetic(p)
}

const NUMBERS: ReadonlySet<string> = new Set(['MAX_ROWS', 'MIN_ROWS', 'NODEGROUP'])

function option(p: Parser): boolean {
  refuseOutside(p)
  if (p.acceptOne(NUMBERS) !== undefined) {
    p.accept('=')
    p.number()
    return true
  }
  if (p.accept('COMMENT')) {
    p.accept('=')
    p.text()
    return true
  }
  const storage = p.accept('STORAGE')
  if (!p.accept('ENGINE')) {
    if (storage) throw p.expected('ENGINE')
    if (!p.accept('TABLESPACE')) return false
  }
  p.accept('=')
  if (p.token.kind === 'string') p.advance()
  else p.name('name')
  return true
}
