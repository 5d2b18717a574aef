import { acceptCharacterSet, charset } from './charsets.ts'
import { columnDefinition, defaultValue, fieldDefinition } from './columns.ts'
import { tableConstraint } from './constraints.ts'
import type { Parser } from './parser.ts'
import { partitionDefinitions, partitioning } from './partitions.ts'
import { columnRef, plainColumn } from './references.ts'
import { tableSource } from './table-names.ts'
import { tableOption } from './table-options.ts'

const KEYS: ReadonlySet<string> = new Set(['INDEX', 'KEY'])
const SIGHTS: ReadonlySet<string> = new Set(['VISIBLE', 'INVISIBLE'])

/** Reads ALTER TABLE, behind its TABLE, into the current scope. */
export function alterTable(p: Parser): undefined {
  const target = tableSource(p, true)
  p.scope.sources.push(target)
  p.context = { ...p.context, only: target }
  if (!p.atEnd && !partitions(p)) {
    do change(p)
    while (p.accept(','))
    partitions(p)
  }
}

/** `PARTITION BY …` and `REMOVE PARTITIONING` come alone or last. */
const partitions = (p: Parser): boolean => partitioning(p) || p.acceptBoth('REMOVE', 'PARTITIONING')

function change(p: Parser): void {
  switch (p.token.word) {
    case 'ADD':
      add(p)
      return
    case 'ALTER':
      alter(p)
      return
    case 'CHANGE':
      p.accept('CHANGE')
      p.accept('COLUMN')
      plainColumn(p)
      columnDefinition(p)
      place(p)
      return
    case 'MODIFY':
      p.accept('MODIFY')
      p.accept('COLUMN')
      plainColumn(p)
      fieldDefinition(p)
      place(p)
      return
    case 'DROP':
      drop(p)
      return
    case 'RENAME':
      rename(p)
      return
    case 'ORDER':
      p.expect('ORDER')
      p.expect('BY')
      p.series(orderColumn)
      return
    case 'CONVERT':
      p.expect('CONVERT')
      p.expect('TO')
      if (!acceptCharacterSet(p)) throw p.expected('CHARACTER SET')
      if (!p.accept('DEFAULT')) charset(p)
      if (p.accept('COLLATE')) charset(p)
      return
    default:
      if (!partitionChange(p) && !setting(p)) options(p)
  }
}

function orderColumn(p: Parser): void {
  columnRef(p)
  if (!p.accept('ASC')) p.accept('DESC')
}

function add(p: Parser): void {
  p.expect('ADD')
  if (p.accept('PARTITION')) {
    withoutLog(p)
    if (p.accept('PARTITIONS')) {
      p.number()
      return
    }
    partitionDefinitions(p)
    return
  }
  if (p.accept('COLUMN')) {
    addColumn(p)
    return
  }
  if (!tableConstraint(p)) addColumn(p)
}

function addColumn(p: Parser): void {
  if (p.is('(')) {
    p.list((parser) => {
      if (!tableConstraint(parser)) columnDefinition(parser)
    })
    return
  }
  columnDefinition(p)
  place(p)
}

/** `FIRST` or `AFTER column`. */
function place(p: Parser): void {
  if (!p.accept('FIRST') && p.accept('AFTER')) plainColumn(p)
}

function alter(p: Parser): void {
  p.expect('ALTER')
  if (p.accept('INDEX')) {
    p.name('name')
    p.expectOne(SIGHTS, 'VISIBLE or INVISIBLE')
    return
  }
  if (p.accept('CHECK') || p.accept('CONSTRAINT')) {
    p.name('name')
    p.accept('NOT')
    p.expect('ENFORCED')
    return
  }
  p.accept('COLUMN')
  plainColumn(p)
  if (p.accept('DROP')) {
    p.expect('DEFAULT')
    return
  }
  p.expect('SET')
  if (p.acceptOne(SIGHTS) !== undefined) return
  p.expect('DEFAULT')
  defaultValue(p)
}

function drop(p: Parser): void {
  p.expect('DROP')
  if (p.accept('PARTITION')) {
    names(p)
    return
  }
  if (p.accept('PRIMARY')) {
    p.expect('KEY')
    return
  }
  if (p.accept('FOREIGN')) {
    p.expect('KEY')
    p.name('name')
  } else if (p.acceptOne(KEYS) !== undefined || p.accept('CHECK') || p.accept('CONSTRAINT')) p.name('name')
  else {
    p.accept('COLUMN')
    plainColumn(p)
    if (!p.accept('RESTRICT')) p.accept('CASCADE')
  }
}

function rename(p: Parser): void {
  p.expect('RENAME')
  if (p.accept('COLUMN')) {
    plainColumn(p)
    p.expect('TO')
    plainColumn(p)
    return
  }
  if (p.acceptOne(KEYS) !== undefined) {
    p.name('name')
    p.expect('TO')
    p.name('name')
    return
  }
  if (!p.accept('TO') && !p.accept('AS')) p.accept('=')
  p.scope.sources.push(tableSource(p, true))
}

const names = (p: Parser): void => p.series((parser) => parser.name('name'))

/** Names of partitions, or ALL. */
function namesOrAll(p: Parser): void {
  if (!p.accept('ALL')) names(p)
}

/** `NO_WRITE_TO_BINLOG`, also written `LOCAL`. */
function withoutLog(p: Parser): void {
  if (!p.accept('NO_WRITE_TO_BINLOG')) p.accept('LOCAL')
}

const REPAIRS: ReadonlySet<string> = new Set(['ANALYZE', 'CHECK', 'OPTIMIZE', 'REBUILD', 'REPAIR', 'TRUNCATE'])
const WITHS: ReadonlySet<string> = new Set(['WITH', 'WITHOUT'])

function partitionChange(p: Parser): boolean {
  const { word } = p.token
  if (p.peek(1).word === 'TABLESPACE' && (p.accept('DISCARD') || p.accept('IMPORT'))) {
    p.expect('TABLESPACE')
    return true
  }
  if (p.peek(1).word !== 'PARTITION') return false
  if (p.accept('DISCARD') || p.accept('IMPORT')) {
    p.expect('PARTITION')
    namesOrAll(p)
    p.expect('TABLESPACE')
  } else if (p.acceptBoth('COALESCE', 'PARTITION')) {
    withoutLog(p)
    p.number()
  } else if (p.acceptBoth('REORGANIZE', 'PARTITION')) {
    withoutLog(p)
    if (!p.isName) return true
    names(p)
    p.expect('INTO')
    partitionDefinitions(p)
  } else if (p.acceptBoth('EXCHANGE', 'PARTITION')) {
    p.name('name')
    p.expect('WITH')
    p.expect('TABLE')
    p.scope.sources.push(tableSource(p, true))
    if (p.acceptOne(WITHS) !== undefined) p.expect('VALIDATION')
  } else if (REPAIRS.has(word) && p.acceptBoth(word, 'PARTITION')) {
    withoutLog(p)
    namesOrAll(p)
  } else return false
  return true
}

const SETTINGS: ReadonlySet<string> = new Set(['ALGORITHM', 'LOCK'])

function setting(p: Parser): boolean {
  if (p.accept('FORCE') || p.accept('SECONDARY_LOAD') || p.accept('SECONDARY_UNLOAD')) return true
  if (p.accept('DISABLE') || p.accept('ENABLE')) p.expect('KEYS')
  else if (p.acceptOne(WITHS) !== undefined) p.expect('VALIDATION')
  else if (p.acceptOne(SETTINGS) !== undefined) {
    p.accept('=')
    if (!p.accept('DEFAULT')) p.name('name', 'a way such as INPLACE')
  } else return false
  return true
}

/** Options of a table; there need not be commas between. */
function options(p: Parser): void {
  if (!tableOption(p)) throw p.expected('a change of the table')
  while (tableOption(p));
}
