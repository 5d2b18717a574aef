import type { InsertStmt, Stmt, Upsert } from 'sqlite3-parser'
import { rowsAfter, widenCommaBefore } from '../../core/values.ts'
import type { InsertShape, Scope, Source, SqlOperation, Statement } from '../../driver.ts'
import { readDefinition } from './definitions.ts'
import { readAll, readFrom, readOutputs, readQuery, readSort, readWith } from './queries.ts'
import type { Reading } from './reader.ts'

type Read = { readonly operation: SqlOperation; readonly root: Scope; readonly insert?: InsertShape }

/** Reads the tree of one statement. Statements that are neither queries nor about tables are refused. */
export function readStatement(reading: Reading, stmt: Stmt): Statement {
  const { operation, root, insert } = read(reading, stmt)
  const replaces = replacing(reading, stmt)
  const { tokens, scopes, calls } = reading
  return { operation, tokens, root, scopes, calls, ...(insert && { insert }), ...(replaces && { replaces }) }
}

function read(reading: Reading, stmt: Stmt): Read {
  switch (stmt.type) {
    case 'SelectStmt':
      return { operation: 'SELECT', root: readQuery(reading, stmt.body, undefined, undefined) }
    case 'InsertStmt':
      return readInsert(reading, stmt)
    case 'UpdateStmt': {
      const scope = reading.scope(undefined, readWith(reading, stmt.with, undefined, undefined))
      scope.operation = 'UPDATE'
      const target = reading.table(stmt.tblName, undefined, true)
      scope.sources.push(target)
      readSets(reading, scope, target, stmt.sets)
      if (stmt.from !== undefined) readFrom(reading, scope, stmt.from)
      reading.seeOthers(0)
      readAll(reading, { scope }, [stmt.whereClause])
      readEnd(reading, scope, stmt)
      reading.finish(scope, reading.keyword('UPDATE'))
      // several items become a sub-query, which does not see the target
      if (stmt.from !== undefined && stmt.from.joins === undefined)
        scope.from = { first: reading.at(stmt.from), end: scope.where?.first ?? scope.whereAt ?? 0 }
      return { operation: 'UPDATE', root: scope }
    }
    case 'DeleteStmt': {
      const scope = reading.scope(undefined, readWith(reading, stmt.with, undefined, undefined))
      scope.operation = 'DELETE'
      scope.sources.push(reading.table(stmt.tblName, undefined, true))
      readAll(reading, { scope }, [stmt.whereClause])
      readEnd(reading, scope, stmt)
      return { operation: 'DELETE', root: reading.finish(scope, reading.keyword('DELETE')) }
    }
    default:
      return readDefinition(reading, stmt)
  }
}

type End = Extract<Stmt, { type: 'UpdateStmt' | 'DeleteStmt' }>

function readEnd(reading: Reading, scope: Scope, { returning, orderBy, limit, indexed }: End): void {
  if (indexed?.type === 'IndexedByIndexed') reading.mark(indexed.idxName, 'name')
  readOutputs(reading, scope, returning)
  readSort(reading, scope, orderBy)
  readAll(reading, { scope }, [limit?.expr, limit?.offset])
}

type Sets = Extract<Stmt, { type: 'UpdateStmt' }>['sets']

function readSets(reading: Reading, scope: Scope, target: Source, sets: Sets): void {
  sets.forEach(({ colNames, expr }, index) => {
    const refs = colNames.map((name) => reading.columnOf(target, name))
    scope.refs.push(...refs)
    scope.sets ??= []
    scope.sets.push(...refs)
    readAll(reading, { scope }, [expr])
    const [first] = colNames
    if (index > 0 && first !== undefined) widenCommaBefore(reading.tokens, reading.at(first))
  })
}

function readInsert(reading: Reading, stmt: InsertStmt): Read {
  const frame = readWith(reading, stmt.with, undefined, undefined)
  const scope = reading.scope(undefined, frame)
  scope.operation = 'INSERT'
  const target = reading.table(stmt.tblName, undefined, true)
  scope.sources.push(target)
  const columns = (stmt.columns ?? []).map((name) => reading.columnOf(target, name))
  scope.refs.push(...columns)
  const last = columns.at(-1)
  const list = last && { close: last.token + 1, tokens: columns.map(({ token }) => token) }
  const body: { rows?: NonNullable<InsertShape['rows']>; query?: Scope } = {}
  if (stmt.body.type === 'SelectInsertBody') {
    const { select, upsert } = stmt.body
    const query = readQuery(reading, select, undefined, frame)
    const isPlain = select.compounds === undefined && select.with === undefined
    if (select.select.type !== 'SelectValues' || !isPlain) body.query = query
    else {
      const before = list?.close ?? target.aliasToken ?? target.token ?? 0
      const rows = rowsAfter(reading.tokens, before, select.select.values.length)
      if (rows !== undefined) body.rows = rows
    }
    readUpserts(reading, upsert, target, frame)
  }
  readOutputs(reading, scope, stmt.returning)
  reading.finish(scope)
  return { operation: 'INSERT', root: scope, insert: { ...(list && { columns: list }), ...body } }
}

function readUpserts(reading: Reading, first: Upsert | undefined, target: Source, frame: Scope['frame']): void {
  const excluded: Source = { kind: 'table', name: target.name ?? '', alias: 'excluded' }
  const starts = reading.starts('DO')
  for (let upsert = first; upsert !== undefined; upsert = upsert.next) {
    const { index, doClause } = upsert
    const conflict = reading.scope(undefined, frame)
    conflict.operation = 'INSERT'
    conflict.sources.push(target)
    if (index !== undefined) {
      for (const { expr } of index.targets) readAll(reading, { scope: conflict }, [expr])
      readAll(reading, { scope: conflict }, [index.whereClause])
    }
    reading.finish(conflict)
    if (doClause.type !== 'SetUpsertDo') continue
    const scope = reading.scope(undefined, frame)
    scope.operation = 'UPDATE'
    scope.sources.push(target, excluded)
    readSets(reading, scope, target, doClause.sets)
    readAll(reading, { scope }, [doClause.whereClause])
    reading.finish(scope, starts.shift())
  }
}

/** REPLACE, and OR REPLACE of INSERT and UPDATE. */
function replacing(reading: Reading, stmt: Stmt): { token: number } | undefined {
  if (stmt.type !== 'InsertStmt' && stmt.type !== 'UpdateStmt') return undefined
  if (stmt.orConflict !== 'Replace') return undefined
  return { token: reading.at(reading.keyword('REPLACE')) }
}
