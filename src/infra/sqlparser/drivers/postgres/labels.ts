import type { ColumnRef, Node, TypeName } from 'libpg-query'
import type { Output, Ref } from '../../driver.ts'
import { namesIn } from './reading.ts'

const REF: unique symbol = Symbol('ref')
type Marked = ColumnRef & { [REF]?: Ref }

/** Notes the reference on the node of the tree that it was made for: a map of very many would cost more. */
export function setRef(column: ColumnRef, ref: Ref): void {
  const marked: Marked = column
  marked[REF] = ref
}

type Label = Output & { readonly isStrong: boolean }

const strong = (name: string): Label => ({ name, isStrong: true })
const weak = (name: string): Label => ({ name, isStrong: false })

/**
 * The label that the server gives to an item without an alias. A column's name passes through casts and COLLATE; calls
 * are labelled by the function. A weak label gives way to that of an expression around it.
 */
export function labelOf(node: Node | undefined): Label | undefined {
  let at = node
  let fallback: Label | undefined
  for (;;) {
    if (at === undefined) return fallback
    if ('TypeCast' in at) {
      fallback ??= typeLabel(at.TypeCast.typeName)
      at = at.TypeCast.arg
    } else if ('CollateClause' in at) at = at.CollateClause.arg
    else if ('CaseExpr' in at) {
      fallback ??= weak('case')
      at = at.CaseExpr.defresult
    } else if ('A_Indirection' in at) {
      const field = namesIn(at.A_Indirection.indirection).at(-1)
      if (field !== undefined) return strong(field)
      at = at.A_Indirection.arg
    } else if ('SubLink' in at && at.SubLink.subLinkType === 'EXPR_SUBLINK') {
      const { subselect } = at.SubLink
      const [item] = subselect !== undefined && 'SelectStmt' in subselect ? (subselect.SelectStmt.targetList ?? []) : []
      if (item === undefined || !('ResTarget' in item)) return fallback
      if (item.ResTarget.name !== undefined) return strong(item.ResTarget.name)
      at = item.ResTarget.val
    } else {
      const own = ownLabel(at)
      return own?.isStrong === true ? own : (fallback ?? own)
    }
  }
}

const typeLabel = (type: TypeName | undefined): Label | undefined => {
  const name = namesIn(type?.names).at(-1)
  return name === undefined ? undefined : weak(name)
}

function ownLabel(node: Node): Label | undefined {
  if ('ColumnRef' in node) {
    const name = namesIn(node.ColumnRef.fields).at(-1)
    const ref = (node.ColumnRef as Marked)[REF]
    if (name === undefined) return undefined
    return ref === undefined ? strong(name) : { name, ref, isStrong: true }
  }
  if ('FuncCall' in node) {
    const name = namesIn(node.FuncCall.funcname).at(-1)
    return name === undefined ? undefined : strong(name)
  }
  if ('A_Expr' in node) return node.A_Expr.kind === 'AEXPR_NULLIF' ? strong('nullif') : undefined
  if ('SubLink' in node) {
    if (node.SubLink.subLinkType === 'EXISTS_SUBLINK') return strong('exists')
    return node.SubLink.subLinkType === 'ARRAY_SUBLINK' ? strong('array') : undefined
  }
  if ('A_ArrayExpr' in node) return strong('array')
  if ('RowExpr' in node) return strong('row')
  if ('CoalesceExpr' in node) return strong('coalesce')
  if ('GroupingFunc' in node) return strong('grouping')
  if ('MinMaxExpr' in node) return strong(node.MinMaxExpr.op === 'IS_LEAST' ? 'least' : 'greatest')
  return undefined
}
