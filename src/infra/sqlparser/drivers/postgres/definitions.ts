import type { AlterTableStmt, ColumnDef, Constraint, CreateStmt, DropStmt, Node, RangeVar } from 'libpg-query'
import type { Scope, Source, SqlOperation } from '../../driver.ts'
import { tableOf } from './from.ts'
import type { QueryReader } from './queries.ts'
import { namesIn, type Reading } from './reading.ts'

type Definition = { readonly operation: SqlOperation; readonly root: Scope }

/** What ALTER TABLE may do: everything that stays inside the table. */
const ALTERATIONS: ReadonlySet<string> = new Set([
  'AT_AddColumn',
  'AT_DropColumn',
  'AT_AlterColumnType',
  'AT_ColumnDefault',
  'AT_SetNotNull',
  'AT_DropNotNull',
  'AT_AddConstraint',
  'AT_DropConstraint',
])

/** CREATE, ALTER, DROP and TRUNCATE of tables. Everything else is refused. */
export function readDefinition(reading: Reading, queries: QueryReader, node: Node): Definition {
  const definition = new DefinitionReader(reading, queries)
  const root = definition.read(node)
  if (root.operation === undefined) throw reading.refuse('this kind of statement is not supported')
  return { operation: root.operation, root: reading.finish(root) }
}

class DefinitionReader {
  readonly #reading: Reading
  readonly #queries: QueryReader
  readonly #scope: Scope

  constructor(reading: Reading, queries: QueryReader) {
    this.#reading = reading
    this.#queries = queries
    this.#scope = reading.scope(undefined, undefined)
  }

  read(node: Node): Scope {
    const scope = this.#scope
    if ('CreateStmt' in node) this.#create(node.CreateStmt)
    else if ('CreateTableAsStmt' in node && node.CreateTableAsStmt.objtype === 'OBJECT_TABLE') {
      const { into, query } = node.CreateTableAsStmt
      this.#target('CREATE', into?.rel)
      this.#queries.readQuery(query, undefined, undefined)
    } else if ('AlterTableStmt' in node && node.AlterTableStmt.objtype === 'OBJECT_TABLE')
      this.#alter(node.AlterTableStmt)
    else if ('RenameStmt' in node) {
      const { renameType, relationType, relation, subname = '', newname = '' } = node.RenameStmt
      if (renameType === 'OBJECT_TABLE') {
        this.#target('ALTER', relation)
        this.#renamed(newname)
      } else if (renameType === 'OBJECT_COLUMN' && relationType === 'OBJECT_TABLE') {
        const target = this.#target('ALTER', relation)
        const last = this.#reading.tokens.length - 1
        scope.refs.push(this.#reading.columnOf(target, last, newname))
        scope.refs.push(this.#reading.columnOf(target, last - 2, subname))
      }
    } else if ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_TABLE') this.#drop(node.DropStmt)
    else if ('TruncateStmt' in node)
      for (const item of node.TruncateStmt.relations ?? [])
        this.#target('TRUNCATE', 'RangeVar' in item ? item.RangeVar : undefined)
    return scope
  }

  #target(operation: SqlOperation, table: RangeVar | undefined): Source {
    if (table === undefined) throw this.#reading.refuse('the statement is not understood')
    const target = tableOf(this.#reading, table, true)
    this.#scope.operation = operation
    this.#scope.sources.push(target)
    return target
  }

  /** The new name of a table is the last one of the statement; it is a table that the statement reaches. */
  #renamed(name: string): void {
    const scope = this.#reading.scope(undefined, undefined)
    const token = this.#reading.mark(this.#reading.tokens.length - 1, name, 'table')
    scope.sources.push({ kind: 'table', name, token, target: true })
    this.#reading.finish(scope)
  }

  #create({ relation, tableElts, inhRelations, partspec, partbound, ofTypename, constraints }: CreateStmt): void {
    const target = this.#target('CREATE', relation)
    if (partbound !== undefined || ofTypename !== undefined || (inhRelations ?? []).length > 0)
      throw this.#reading.refuse('tables that depend on other tables or types are not supported', target.token)
    for (const node of [...(tableElts ?? []), ...(constraints ?? [])]) this.#element(target, node)
    this.#queries.readExpressions({ scope: this.#scope }, [partspec])
  }

  #element(target: Source, node: Node): void {
    if ('ColumnDef' in node) this.#column(target, node.ColumnDef)
    else if ('Constraint' in node) this.#constraint(target, node.Constraint)
    else throw this.#reading.refuse('this part of a table is not supported', target.token)
  }

  #column(target: Source, { colname = '', location, constraints, raw_default, typeName }: ColumnDef): void {
    this.#scope.refs.push(this.#reading.columnOf(target, this.#reading.at(location), colname))
    this.#reading.type(typeName)
    this.#queries.readExpressions({ scope: this.#scope }, [raw_default])
    for (const node of constraints ?? []) if ('Constraint' in node) this.#constraint(target, node.Constraint)
  }

  #constraint(target: Source, constraint: Constraint): void {
    const { keys, fk_attrs, pk_attrs, pktable, raw_expr, location, exclusions, where_clause } = constraint
    if (exclusions !== undefined) throw this.#reading.refuse('EXCLUDE is not supported', target.token)
    this.#queries.readExpressions({ scope: this.#scope }, [raw_expr, where_clause])
    const own = namesIn(keys ?? fk_attrs)
    if (own.length > 0) this.#list(this.#scope, target, own, this.#reading.at(location))
    if (pktable === undefined) return
    const scope = this.#reading.scope(this.#scope, undefined)
    const referenced = tableOf(this.#reading, pktable, true)
    scope.sources.push(referenced)
    const others = namesIn(pk_attrs)
    if (others.length > 0) this.#list(scope, referenced, others, referenced.token ?? 0)
    this.#reading.finish(scope)
  }

  /** A list of columns in the first brackets behind a token. */
  #list(scope: Scope, source: Source, names: readonly string[], after: number): void {
    let open = after
    while (open < this.#reading.tokens.length && !this.#reading.is(open, '(')) open += 1
    const items = this.#reading.items(open)
    for (const [index, name] of names.entries())
      scope.refs.push(this.#reading.columnOf(source, items[index] ?? -1, name))
  }

  /** The columns of changes stand behind their verbs, in the order of the text. */
  #alter({ relation, cmds }: AlterTableStmt): void {
    const target = this.#target('ALTER', relation)
    let at = this.#reading.touched + 1
    for (const node of cmds ?? []) {
      if (!('AlterTableCmd' in node)) continue
      const { subtype = '', name, def } = node.AlterTableCmd
      if (!ALTERATIONS.has(subtype)) throw this.#reading.refuse('this change of a table is not supported', at)
      if (name !== undefined && !subtype.endsWith('Constraint')) {
        while (at < this.#reading.tokens.length && !this.#isChanged(at, name)) at += 1
        this.#scope.refs.push(this.#reading.columnOf(target, at, name))
      }
      if (def === undefined) continue
      if ('ColumnDef' in def && subtype === 'AT_AddColumn') this.#column(target, def.ColumnDef)
      else if ('ColumnDef' in def) this.#queries.readExpressions({ scope: this.#scope }, [def.ColumnDef.raw_default])
      else if ('Constraint' in def) this.#constraint(target, def.Constraint)
      else this.#queries.readExpressions({ scope: this.#scope }, [def])
    }
  }

  /** Whether a token is the column of DROP or ALTER [COLUMN] [IF EXISTS]. */
  #isChanged(at: number, name: string): boolean {
    const before = this.#reading.tokens[at - 1]
    const isVerb = before?.role === 'keyword' && /^(drop|alter|column|exists)$/i.test(before.text)
    return isVerb && this.#reading.isName(at, name)
  }

  #drop({ objects }: DropStmt): void {
    const reading = this.#reading
    this.#scope.operation = 'DROP'
    let at = reading.tokens.findIndex((token) => token.role === 'keyword' && /^table$/i.test(token.text)) + 1
    if (reading.is(at, 'IF') && reading.is(at + 1, 'EXISTS')) at += 2
    for (const object of objects ?? []) {
      const names = 'List' in object ? namesIn(object.List.items) : []
      const [name, schema, ...more] = names.toReversed()
      if (name === undefined || more.length > 0) throw reading.refuse('a table of another database is named', at)
      const token = schema === undefined ? at : at + 2
      const schemaToken = schema === undefined ? undefined : reading.mark(at, schema, 'schema')
      this.#scope.sources.push({
        kind: 'table',
        name,
        token: reading.mark(token, name, 'table'),
        target: true,
        ...(schema !== undefined && schemaToken !== undefined && { schema, schemaToken }),
      })
      at = token + 2
    }
  }
}
