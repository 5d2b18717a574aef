import type { Scope, Source } from '../../driver.ts'
import { assignments } from './assignments.ts'
import { tableReferences } from './from.ts'
import { key } from './names.ts'
import { limit, orderBy } from './order.ts'
import type { Mutable, Parser } from './parser.ts'
import { where } from './select.ts'
import { mention, partitionSelection, tableAlias, tableSource } from './table-names.ts'

/** Reads UPDATE, behind its WITH, into the current scope. */
export function update(p: Parser): undefined {
  p.expect('UPDATE')
  p.accept('LOW_PRIORITY')
  p.accept('IGNORE')
  const { scope } = p
  joined(p)
  p.expect('SET')
  const only = scope.sources.length === 1 && scope.sources[0]?.kind === 'table' ? scope.sources[0] : undefined
  const written = assignments(p, only)
  markTargets(p, scope.sources, written)
  where(p, scope)
  if (scope.sources.length > 1 && (p.is('ORDER') || p.is('LIMIT')))
    throw p.fail('failed to parse SQL: an UPDATE of several tables takes no ORDER BY or LIMIT', p.at)
  orderBy(p)
  limit(p, false)
}

const OPTIONS: ReadonlySet<string> = new Set(['LOW_PRIORITY', 'QUICK', 'IGNORE'])

/** Reads DELETE, behind its WITH, into the current scope. */
export function remove(p: Parser): undefined {
  p.expect('DELETE')
  while (p.acceptOne(OPTIONS) !== undefined);
  const { scope } = p
  if (!p.accept('FROM')) {
    targets(p)
    p.expect('FROM')
    joined(p)
  } else if (namesTargets(p)) {
    targets(p)
    p.expect('USING')
    joined(p)
  } else {
    const target = tableSource(p, true)
    tableAlias(p, target)
    partitionSelection(p)
    scope.sources.push(target)
    where(p, scope)
    orderBy(p)
    limit(p, false)
    return
  }
  markTargets(p, scope.sources, new Set(scope.mentions.map(({ name }) => name)))
  where(p, scope)
}

/** Reads the tables of a statement that may write to several of them. */
function joined(p: Parser): void {
  const first = p.at
  tableReferences(p)
  p.scope.from = { first, end: p.at }
}

/** Whether a list of tables and USING follow: `t1.*, db.t2 USING`. */
function namesTargets(p: Parser): boolean {
  for (let ahead = 0; ; ahead++) {
    const { word, kind } = p.peek(ahead)
    if (word === 'USING') return true
    if (kind !== 'word' && kind !== 'quoted' && word !== '.' && word !== '*' && word !== ',') return false
    if (word !== '' && kind === 'word' && p.peek(ahead).reserved) return false
  }
}

function targets(p: Parser): void {
  p.series(() => {
    mention(p)
    if (p.accept('.')) p.expect('*')
  })
}

/**
 * Marks the tables that a statement over several tables writes to. A column without a qualifier may belong to each of
 * them.
 */
function markTargets(p: Parser, sources: readonly Source[], names: ReadonlySet<string | undefined>): void {
  const keys = new Set([...names].map((name) => (name === undefined ? undefined : key(name))))
  for (const source of sources as readonly Mutable<Source>[]) {
    if (source.kind !== 'table' || source.name === undefined) continue
    if (source.schema === undefined && isCte(p.scope, key(source.name))) continue
    if (sources.length === 1 || keys.has(undefined) || keys.has(key(source.alias ?? source.name))) source.target = true
  }
}

function isCte(scope: Scope, name: string): boolean {
  for (let frame = scope.frame; frame !== undefined; frame = frame.parent) if (frame.ctes.has(name)) return true
  return false
}
