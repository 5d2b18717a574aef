import type { ColumnConstraint, ColumnDefinition, Expr, ForeignKeyClause, Name, Stmt } from 'sqlite3-parser'
import type { Scope, Source, SqlOperation } from '../../driver.ts'
import { readAll, readQuery } from './queries.ts'
import type { Reading } from './reader.ts'

/** CREATE, ALTER and DROP TABLE. Everything else is refused: it is not about rows, or reaches further than tables. */
export function readDefinition(reading: Reading, stmt: Stmt): { operation: SqlOperation; root: Scope } {
  const scope = reading.scope(undefined, undefined)
  switch (stmt.type) {
    case 'DropTableStmt':
      scope.operation = 'DROP'
      scope.sources.push(reading.table(stmt.tblName, undefined, true))
      break
    case 'CreateTableStmt': {
      scope.operation = 'CREATE'
      const target = reading.table(stmt.tblName, undefined, true)
      scope.sources.push(target)
      if (stmt.body.type === 'AsSelectCreateTableBody') readQuery(reading, stmt.body.select, undefined, undefined)
      else readBody(reading, scope, target, stmt.body)
      break
    }
    case 'AlterTableStmt':
      scope.operation = 'ALTER'
      readAlteration(reading, scope, stmt)
      break
    default:
      throw reading.refuse('this kind of statement is not supported', reading.tokens[0]?.start ?? 0)
  }
  return { operation: scope.operation, root: reading.finish(scope) }
}

type Body = Extract<
  Extract<Stmt, { type: 'CreateTableStmt' }>['body'],
  { type: 'ColumnsAndConstraintsCreateTableBody' }
>

function readBody(reading: Reading, scope: Scope, target: Source, { columns, constraints }: Body): void {
  for (const column of columns) readColumn(reading, scope, target, column)
  for (const { name, constraint } of constraints ?? []) {
    if (name !== undefined) reading.mark(name, 'name')
    if (constraint.type === 'CheckTableConstraint') readAll(reading, { scope }, [constraint.expr])
    else if (constraint.type === 'ForeignKeyTableConstraint') {
      for (const { colName } of constraint.columns) scope.refs.push(reading.columnOf(target, colName))
      readForeignKey(reading, scope, constraint.clause)
    } else
      readAll(
        reading,
        { scope },
        constraint.columns.map(({ expr }) => expr),
      )
  }
}

function readColumn(reading: Reading, scope: Scope, target: Source, column: ColumnDefinition): void {
  scope.refs.push(reading.columnOf(target, column.colName))
  for (const { name, constraint } of column.constraints) {
    if (name !== undefined) reading.mark(name, 'name')
    readAll(reading, { scope }, [expressionOf(constraint)])
    if (constraint.type === 'ForeignKeyColumnConstraint') readForeignKey(reading, scope, constraint.clause)
  }
}

/** A bare word as DEFAULT is a text; it is no column. */
function expressionOf(constraint: ColumnConstraint): Expr | undefined {
  if (constraint.type === 'DefaultColumnConstraint') return constraint.expr.type === 'Id' ? undefined : constraint.expr
  if (constraint.type === 'CheckColumnConstraint' || constraint.type === 'GeneratedColumnConstraint')
    return constraint.expr
  return undefined
}

function readForeignKey(reading: Reading, outer: Scope, { tblName, columns }: ForeignKeyClause): void {
  const scope = reading.scope(outer, undefined)
  const source = tableNamed(reading, tblName)
  scope.sources.push(source)
  for (const { colName } of columns ?? []) scope.refs.push(reading.columnOf(source, colName))
  reading.finish(scope)
}

const tableNamed = (reading: Reading, name: Name): Source => ({
  kind: 'table',
  name: name.text,
  token: reading.mark(name, 'table'),
  target: true,
})

function readAlteration(
  reading: Reading,
  scope: Scope,
  { tblName, body }: Extract<Stmt, { type: 'AlterTableStmt' }>,
): void {
  const target = reading.table(tblName, undefined, true)
  scope.sources.push(target)
  switch (body.type) {
    case 'RenameToAlterTableBody': {
      const renamed = reading.scope(undefined, undefined)
      renamed.sources.push(tableNamed(reading, body.name))
      reading.finish(renamed)
      break
    }
    case 'AddColumnAlterTableBody':
      readColumn(reading, scope, target, body.column)
      break
    case 'RenameColumnAlterTableBody':
      scope.refs.push(reading.columnOf(target, body.old), reading.columnOf(target, body.new))
      break
    case 'DropColumnAlterTableBody':
    case 'DropColumnNotNullAlterTableBody':
    case 'SetColumnNotNullAlterTableBody':
      scope.refs.push(reading.columnOf(target, body.column))
      break
    default:
      throw reading.refuse('this change of a table is not supported', reading.tokens[0]?.start ?? 0)
  }
}
