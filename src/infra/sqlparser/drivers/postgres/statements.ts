import type { DeleteStmt, InsertStmt, Node, OnConflictClause, UpdateStmt } from 'libpg-query'
import { rowsAfter, widenCommaBefore } from '../../core/values.ts'
import type { CteFrame, InsertShape, Scope, Source, SqlOperation, Statement } from '../../driver.ts'
import { readDefinition } from './definitions.ts'
import { readFrom, tableOf } from './from.ts'
import { QueryReader } from './queries.ts'
import type { Reading } from './reading.ts'

/** Reads the tree of one statement. Statements that are neither queries nor about tables are refused. */
export function readStatement(reading: Reading, node: Node): Statement {
  const statements = new StatementReader(reading)
  const { tokens, scopes, calls } = reading
  const read = (operation: SqlOperation, root: Scope): Statement => {
    const insert = statements.inserts.get(root)
    return { operation, tokens, root, scopes, calls, ...(insert && { insert }) }
  }
  if ('SelectStmt' in node) return read('SELECT', statements.queries.readSelect(node.SelectStmt, undefined, undefined))
  if ('InsertStmt' in node) return read('INSERT', statements.insert(node.InsertStmt, undefined, undefined))
  if ('UpdateStmt' in node) return read('UPDATE', statements.update(node.UpdateStmt, undefined, undefined))
  if ('DeleteStmt' in node) return read('DELETE', statements.delete(node.DeleteStmt, undefined, undefined))
  const { operation, root } = readDefinition(reading, statements.queries, node)
  return read(operation, root)
}

class StatementReader {
  readonly queries: QueryReader
  readonly inserts = new Map<Scope, InsertShape>()
  readonly #reading: Reading

  constructor(reading: Reading) {
    this.#reading = reading
    this.queries = new QueryReader(reading, (node, outer, frame) => {
      if ('InsertStmt' in node) return this.insert(node.InsertStmt, outer, frame)
      if ('UpdateStmt' in node) return this.update(node.UpdateStmt, outer, frame)
      if ('DeleteStmt' in node) return this.delete(node.DeleteStmt, outer, frame)
      return this.queries.readQuery(node, outer, frame)
    })
  }

  update(stmt: UpdateStmt, outer: Scope | undefined, around: CteFrame | undefined): Scope {
    const { scope, target } = this.#begin('UPDATE', stmt, outer, around)
    readFrom(this.queries, scope, stmt.fromClause)
    this.#assignments(scope, target, stmt.targetList)
    this.queries.readExpressions({ scope }, [stmt.whereClause])
    this.#returning(scope, target, stmt.returningClause)
    return this.#reading.finish(scope, target.token)
  }

  delete(stmt: DeleteStmt, outer: Scope | undefined, around: CteFrame | undefined): Scope {
    const { scope, target } = this.#begin('DELETE', stmt, outer, around)
    readFrom(this.queries, scope, stmt.usingClause)
    this.queries.readExpressions({ scope }, [stmt.whereClause])
    this.#returning(scope, target, stmt.returningClause)
    return this.#reading.finish(scope, target.token)
  }

  insert(stmt: InsertStmt, outer: Scope | undefined, around: CteFrame | undefined): Scope {
    const { scope, target } = this.#begin('INSERT', stmt, outer, around)
    const tokens: number[] = []
    for (const node of stmt.cols ?? []) {
      if (!('ResTarget' in node)) continue
      const { name = '', location, indirection } = node.ResTarget
      const token = this.#reading.at(location)
      tokens.push(token)
      scope.refs.push(this.#reading.columnOf(target, token, name))
      this.queries.readExpressions({ scope }, [indirection])
    }
    const columns = this.#columnList(tokens)
    const body = this.#body(stmt, scope, columns?.close ?? target.aliasToken ?? target.token ?? 0)
    this.#conflict(stmt.onConflictClause, target, scope)
    this.#returning(scope, target, stmt.returningClause)
    this.inserts.set(scope, { ...(columns && { columns }), ...body })
    return this.#reading.finish(scope)
  }

  #begin(
    operation: SqlOperation,
    stmt: InsertStmt | UpdateStmt | DeleteStmt,
    outer: Scope | undefined,
    around: CteFrame | undefined,
  ) {
    const scope = this.#reading.scope(outer, this.queries.readWith(stmt.withClause, outer, around))
    scope.operation = operation
    if (stmt.relation === undefined) throw this.#reading.refuse('the statement is not understood')
    const target = tableOf(this.#reading, stmt.relation, true)
    scope.sources.push(target)
    return { scope, target }
  }

  /** The targets of SET are the table's own columns; parts of them (`a[1]`, `a.b`) begin with a column. */
  #assignments(scope: Scope, target: Source, items: readonly Node[] | undefined): void {
    const reading = this.#reading
    for (const [index, node] of (items ?? []).entries()) {
      if (!('ResTarget' in node)) continue
      const { name = '', location, indirection, val } = node.ResTarget
      const token = reading.at(location)
      const ref = reading.columnOf(target, token, name)
      scope.refs.push(ref)
      scope.sets ??= []
      scope.sets.push(ref)
      const isFirst = val === undefined || !('MultiAssignRef' in val) || val.MultiAssignRef.colno === 1
      if (index > 0 && isFirst) widenCommaBefore(reading.tokens, token)
      this.queries.readExpressions({ scope }, [indirection, val])
    }
  }

  #returning(scope: Scope, target: Source, clause: UpdateStmt['returningClause']): void {
    if (clause?.exprs === undefined) return
    const options = (clause.options ?? []).flatMap((node) => ('ReturningOption' in node ? [node.ReturningOption] : []))
    for (const [kind, plain] of [
      ['RETURNING_OPTION_OLD', 'old'],
      ['RETURNING_OPTION_NEW', 'new'],
    ]) {
      const alias = options.find(({ option }) => option === kind)?.value ?? plain ?? ''
      const isTaken = scope.sources.some((source) => (source.alias ?? source.name) === alias)
      if (!isTaken) scope.sources.push({ kind: 'table', name: target.name ?? '', alias })
    }
    this.queries.readOutputs(scope, clause.exprs, this.#reading.endAround(target.token ?? 0))
  }

  #columnList(tokens: readonly number[]): InsertShape['columns'] {
    const last = tokens.at(-1)
    if (last === undefined) return undefined
    let close = last
    while (close < this.#reading.tokens.length && !this.#reading.is(close, ')'))
      close = this.#reading.is(close, '(') ? this.#reading.closing(close) + 1 : close + 1
    return { close, tokens }
  }

  #body(stmt: InsertStmt, scope: Scope, after: number): Pick<InsertShape, 'rows' | 'query'> {
    const { selectStmt } = stmt
    if (selectStmt === undefined || !('SelectStmt' in selectStmt)) return {}
    const { valuesLists, withClause, sortClause, limitCount, limitOffset } = selectStmt.SelectStmt
    const query = this.queries.readSelect(selectStmt.SelectStmt, undefined, scope.frame)
    const isPlain = [withClause, sortClause, limitCount, limitOffset].every((clause) => clause === undefined)
    if (valuesLists === undefined || !isPlain) return { query }
    const rows = rowsAfter(this.#reading.tokens, after, valuesLists.length)
    return rows === undefined ? {} : { rows }
  }

  #conflict(clause: OnConflictClause | undefined, target: Source, insert: Scope): void {
    if (clause === undefined) return
    const reading = this.#reading
    const { infer, action, targetList, whereClause, location } = clause
    const conflict = reading.scope(undefined, insert.frame)
    conflict.operation = 'INSERT'
    conflict.sources.push(target)
    const elements = (infer?.indexElems ?? []).flatMap((node) => ('IndexElem' in node ? [node.IndexElem] : []))
    const items = elements.length === 0 ? [] : reading.items(reading.at(infer?.location))
    for (const [index, { name, expr }] of elements.entries()) {
      if (name !== undefined) conflict.refs.push(reading.columnOf(target, items[index] ?? -1, name))
      this.queries.readExpressions({ scope: conflict }, [expr])
    }
    this.queries.readExpressions({ scope: conflict }, [infer?.whereClause])
    reading.finish(conflict)
    if (action !== 'ONCONFLICT_UPDATE') return
    const scope = reading.scope(undefined, insert.frame)
    scope.operation = 'UPDATE'
    scope.sources.push(target, { kind: 'table', name: target.name ?? '', alias: 'excluded' })
    this.#assignments(scope, target, targetList)
    this.queries.readExpressions({ scope }, [whereClause])
    let start = reading.at(location)
    while (start < reading.tokens.length && !reading.is(start, 'DO')) start += 1
    reading.finish(scope, start)
  }
}
