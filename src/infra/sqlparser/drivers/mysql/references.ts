import type { Ref } from '../../driver.ts'
import type { Mutable, Parser } from './parser.ts'

/** Reads `column`, `table.column` or `schema.table.column`; a point may stand before the table. */
export function columnRef(p: Parser): Mutable<Ref> {
  const schema = p.accept('.') ? -1 : p.at
  const first = p.at
  const name = p.name('column', 'a name of a column')
  if (!p.is('.')) {
    if (schema < 0) throw p.expected('.')
    return p.refer(first, name)
  }
  p.advance()
  const second = p.at
  const middle = p.name('column', 'a name of a column')
  setRole(p, first, 'qualifier')
  if (schema < 0 || !p.is('.')) return p.refer(second, middle, { name, token: first })
  p.advance()
  const third = p.at
  const column = p.name('column', 'a name of a column')
  setRole(p, first, 'schema')
  setRole(p, second, 'qualifier')
  return p.refer(third, column, { name: middle, token: second, schemaToken: first })
}

export function setRole(p: Parser, at: number, role: NonNullable<Parser['token']['role']>): void {
  const token = p.tokens[at]
  if (token !== undefined) token.role = role
}

/** Reads a column that can only be one of the table that the context says: in lists of DDL and INSERT. */
export function plainColumn(p: Parser): void {
  const token = p.at
  p.refer(token, p.name('column', 'a name of a column'))
}
