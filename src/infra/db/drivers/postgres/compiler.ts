import {
  type AliasNode,
  type BinaryOperationNode,
  ColumnNode,
  type CreateIndexNode,
  type OperationNode,
  OperatorNode,
  OrderByItemNode,
  PostgresQueryCompiler,
  PrimitiveValueListNode,
  type RawNode,
  ReferenceNode,
  ValueListNode,
  ValueNode,
} from 'kysely'

/** The type of a value that nothing around it tells; text is what PostgreSQL takes it for without. */
function typeOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? 'bigint' : 'double precision'
    case 'bigint':
      return 'bigint'
    case 'boolean':
      return 'boolean'
    default:
      return value instanceof Uint8Array ? 'bytea' : undefined
  }
}

/** `id` is never empty, and its index, the primary key, has no place for empty ones in front. */
function mayBeNull(node: OperationNode): boolean {
  return !(ReferenceNode.is(node) && node.column.kind === 'ColumnNode' && node.column.column.name === 'id')
}

/** Kysely's compiler, with what the other dialects do by themselves. */
export class QueryCompiler extends PostgresQueryCompiler {
  /** Rows without a value come first, last when descending. */
  protected override visitOrderByItem(node: OrderByItemNode): void {
    super.visitOrderByItem(node)
    if (node.nulls !== undefined || !mayBeNull(node.orderBy)) return
    const direction = node.direction as RawNode | undefined
    this.append(/desc/i.test(direction?.sqlFragments?.join('') ?? '') ? ' nulls last' : ' nulls first')
  }

  /** Nothing is in an empty list. */
  protected override visitBinaryOperation(node: BinaryOperationNode): void {
    const { rightOperand: list } = node
    const isEmpty = (PrimitiveValueListNode.is(list) || ValueListNode.is(list)) && list.values.length === 0
    if (isEmpty && OperatorNode.is(node.operator)) this.append(node.operator.operator === 'not in' ? '1 = 1' : '1 = 0')
    else super.visitBinaryOperation(node)
  }

  protected override visitAlias(node: AliasNode): void {
    if (ValueNode.is(node.node)) this.#appendResult(node.node)
    else this.visitNode(node.node)
    this.append(' as ')
    this.visitNode(node.alias)
  }

  /** A value that is a result of its own says its type; one that is folded is folded as columns are, in ASCII. */
  protected override visitRaw(node: RawNode): void {
    for (const [i, fragment] of node.sqlFragments.entries()) {
      this.append(fragment)
      const parameter = node.parameters[i]
      if (parameter === undefined) continue
      const isResult = ValueNode.is(parameter) && /^\s*as\s/i.test(node.sqlFragments[i + 1] ?? '')
      if (isResult && !/cast\s*\(\s*$/i.test(fragment)) this.#appendResult(parameter)
      else this.visitNode(parameter)
      if (ValueNode.is(parameter) && /\blower\($/.test(fragment)) this.append('::text collate "C"')
    }
  }

  /** Indexes have rows without a value in front too, or else they could not give the order. */
  protected override visitCreateIndex(node: CreateIndexNode): void {
    const columns = node.columns?.map((column) =>
      ColumnNode.is(column) && column.column.name !== 'id' ? OrderByItemNode.create(column) : column,
    )
    super.visitCreateIndex(columns === undefined ? node : { ...node, columns })
  }

  #appendResult(node: ValueNode): void {
    this.visitNode(node)
    const type = typeOf(node.value)
    if (type !== undefined) this.append(`::${type}`)
  }
}
