import type { Source } from '../../driver.ts'
import { fallbacks } from './call-syntax.ts'
import { charset } from './charsets.ts'
import type { Mutable, Parser } from './parser.ts'
import { tableAlias } from './table-names.ts'
import { columnType } from './types.ts'

/** Reads `JSON_TABLE(document, path COLUMNS (…)) AS alias`; the document sees the sources before it. */
export function jsonTable(p: Parser, before: readonly Source[]): Source {
  const { context } = p
  p.call(p.at, 'json_table')
  p.anyName('call')
  p.expect('(')
  p.context = { ...context, within: before }
  p.rules.expression(p)
  p.context = context
  p.expect(',')
  p.text('a JSON path in quotes')
  const names: string[] = []
  columns(p, names)
  p.expect(')')
  const source: Mutable<Source> = { kind: 'function', columns: names }
  tableAlias(p, source)
  if (source.alias === undefined) throw p.expected('an alias of the table')
  return source
}

function columns(p: Parser, names: string[]): void {
  p.enter()
  p.expect('COLUMNS')
  p.list(() => column(p, names))
  p.leave()
}

function column(p: Parser, names: string[]): void {
  if (p.is('NESTED') && (p.peek(1).word === 'PATH' || p.peek(1).kind === 'string')) {
    p.accept('NESTED')
    p.accept('PATH')
    p.text('a JSON path in quotes')
    columns(p, names)
    return
  }
  names.push(p.name('name', 'a name of a column'))
  if (p.accept('FOR')) {
    p.expect('ORDINALITY')
    return
  }
  columnType(p)
  if (p.accept('COLLATE')) charset(p)
  const exists = p.accept('EXISTS')
  p.expect('PATH')
  p.text('a JSON path in quotes')
  if (!exists) fallbacks(p)
}
