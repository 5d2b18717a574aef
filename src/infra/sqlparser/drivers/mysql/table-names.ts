import type { Source } from '../../driver.ts'
import { key } from './names.ts'
import type { Mutable, Parser } from './parser.ts'

/**
 * Reads a table where it is read: `t`, `db.t`, `.t`. Whether case counts in names of tables is a setting of the server,
 * so a name that is that of a common table expression but for its case is refused: it may mean that, or a table.
 */
export function tableRead(p: Parser): Mutable<Source> {
  const source = tableSource(p)
  if (source.schema !== undefined || source.name === undefined) return source
  const name = key(source.name)
  for (let { frame } = p; frame !== undefined; frame = frame.parent) {
    const cte = frame.ctes.get(name)
    if (cte === undefined) continue
    if (cte.name !== source.name)
      throw p.fail('the name differs from a common table expression in case only', p.at - 1, 'spell both alike')
    break
  }
  return source
}

/** Reads a table where it is read or written, and no common table expression can be meant. */
export function tableSource(p: Parser, target = false): Mutable<Source> {
  const pointed = p.accept('.')
  const source: Mutable<Source> = { kind: 'table', token: p.at }
  if (target) source.target = true
  source.name = p.name('table', 'a name of a table')
  if (pointed || !p.is('.')) return source
  const first = p.at - 1
  const schema = p.tokens[first]
  if (schema !== undefined) schema.role = 'schema'
  p.advance()
  source.schema = source.name
  source.schemaToken = first
  source.token = p.at
  source.name = p.name('table', 'a name of a table')
  return source
}

/** Reads the alias of a table; `AS` may be missing. */
export function tableAlias(p: Parser, source: Mutable<Source>): void {
  const as = p.accept('AS')
  if (!as && !p.isName) return
  source.aliasToken = p.at
  source.alias = p.name('alias', 'an alias')
}

/** Reads `PARTITION (p0, p1)`, if it is next. */
export function partitionSelection(p: Parser): void {
  if (p.is('PARTITION') && p.peek(1).word === '(' && p.accept('PARTITION')) p.list((parser) => parser.name('name'))
}

/** `(a, b)`: new names of columns. */
export function columnNames(p: Parser): string[] {
  const names: string[] = []
  p.list(() => names.push(p.name('name')))
  return names
}

/** Reads the name of a source, with a schema perhaps, where no column follows. */
export function mention(p: Parser): void {
  if (p.peek(1).word === '.' && p.peek(2).word !== '*') {
    p.name('schema', 'a name of a table')
    p.expect('.')
  }
  const token = p.at
  p.scope.mentions.push({ token, name: p.name('qualifier', 'a name of a table') })
}

export function refuseInto(p: Parser): void {
  if (p.is('INTO')) throw p.fail('SELECT … INTO is not supported', p.at, 'it writes to variables or files')
}
