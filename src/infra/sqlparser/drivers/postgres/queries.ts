import type { CommonTableExpr, Node, SelectStmt, WithClause } from 'libpg-query'
import type { Cte, CteFrame, Scope } from '../../driver.ts'
import { type Place, readExpressions, windowParts } from './expressions.ts'
import { type FromReader, readFrom } from './from.ts'
import { labelOf } from './labels.ts'
import { namesIn, type Reading } from './reading.ts'

/** Reads statements that stand inside of another one: the bodies of CTEs, which may write. */
export type ReadStatement = (node: Node, outer: Scope | undefined, frame: CteFrame | undefined) => Scope

/** Reads queries: SELECT, VALUES, TABLE, and set operations of them. */
export class QueryReader implements FromReader {
  readonly reading: Reading
  readonly #readStatement: ReadStatement

  constructor(reading: Reading, readStatement: ReadStatement) {
    this.reading = reading
    this.#readStatement = readStatement
  }

  readExpressions(place: Place, nodes: readonly unknown[]): void {
    readExpressions(this.reading, place, nodes, (select, outer) => this.readSelect(select, outer, outer.frame))
  }

  readQuery(node: Node | undefined, outer: Scope | undefined, frame: CteFrame | undefined): Scope {
    if (node === undefined || !('SelectStmt' in node)) throw this.reading.refuse('a query is not understood')
    return this.readSelect(node.SelectStmt, outer, frame)
  }

  readSelect(select: SelectStmt, outer: Scope | undefined, around: CteFrame | undefined): Scope {
    if (select.intoClause !== undefined)
      throw this.reading.refuse('SELECT INTO is refused', this.reading.at(select.intoClause.rel?.location))
    const frame = this.readWith(select.withClause, outer, around)
    if (select.op === undefined || select.op === 'SETOP_NONE') return this.#readCore(select, outer, frame)
    const arms = armsOf(select).map((arm) => this.readSelect(arm, outer, frame))
    const compound = this.reading.scope(outer, frame)
    compound.arms = arms
    this.#readEnd(select, compound)
    return this.reading.finish(compound)
  }

  /** Without RECURSIVE an expression sees those before it, with RECURSIVE all of them and itself. */
  readWith(
    clause: WithClause | undefined,
    outer: Scope | undefined,
    around: CteFrame | undefined,
  ): CteFrame | undefined {
    if (clause === undefined) return around
    const items = (clause.ctes ?? []).flatMap((node) => ('CommonTableExpr' in node ? [node.CommonTableExpr] : []))
    const ctes = items.map((item) => this.#cteOf(item))
    const names = new Map(ctes.map((cte) => [cte.name, cte]))
    const [twice] = ctes.filter((cte) => names.get(cte.name) !== cte)
    if (twice !== undefined) throw this.reading.refuse('two common table expressions have the same name', twice.token)
    let frame: CteFrame | undefined = clause.recursive === true ? { parent: around, ctes: names } : around
    for (const [index, item] of items.entries()) {
      const cte = ctes[index]
      if (cte === undefined || item.ctequery === undefined) continue
      cte.query = this.#readStatement(item.ctequery, outer, frame)
      if (clause.recursive !== true) frame = { parent: frame, ctes: new Map([[cte.name, cte]]) }
    }
    return frame
  }

  #cteOf({ ctename = '', aliascolnames, location, search_clause, cycle_clause }: CommonTableExpr): Cte {
    const token = this.reading.mark(this.reading.at(location), ctename, 'name')
    const columns = namesIn(aliascolnames)
    if ((search_clause !== undefined || cycle_clause !== undefined) && columns.length === 0)
      throw this.reading.refuse('SEARCH and CYCLE need names for the columns', token, 'write WITH name (a, b)')
    const added = [search_clause?.search_seq_column, cycle_clause?.cycle_mark_column, cycle_clause?.cycle_path_column]
    const all = [...columns, ...added.filter((name) => name !== undefined)]
    return { name: ctename, token, ...(all.length > 0 && { columns: all }) }
  }

  #readCore(select: SelectStmt, outer: Scope | undefined, frame: CteFrame | undefined): Scope {
    const { reading } = this
    const scope = reading.scope(outer, frame)
    if (select.valuesLists !== undefined) {
      this.readExpressions({ scope }, [select.valuesLists])
      this.#readEnd(select, scope)
      return reading.finish(scope)
    }
    readFrom(this, scope, select.fromClause)
    const inside = this.#insideOf(select)
    this.readOutputs(
      scope,
      select.targetList,
      inside === undefined ? undefined : reading.blocks.around[inside]?.listEnd,
    )
    this.readExpressions({ scope }, [select.whereClause])
    this.readExpressions({ scope, alias: 'last' }, [select.groupClause])
    this.readExpressions({ scope, aggregates: true }, [select.havingClause])
    const windows = (select.windowClause ?? []).flatMap((node) => ('WindowDef' in node ? [node.WindowDef] : []))
    this.readExpressions({ scope }, windows.map(windowParts))
    const distinct = (select.distinctClause ?? []).filter((node) => Object.keys(node).length > 0)
    for (const item of distinct) this.readExpressions({ scope, ...labelFirst(item) }, [item])
    if (select.distinctClause !== undefined || select.groupClause !== undefined) scope.grouped = true
    if (select.havingClause !== undefined) scope.aggregate = true
    this.#readEnd(select, scope)
    return reading.finish(scope, inside)
  }

  #readEnd(select: SelectStmt, scope: Scope): void {
    for (const node of select.sortClause ?? []) {
      const item = 'SortBy' in node ? node.SortBy.node : node
      this.readExpressions({ scope, aggregates: true, ...labelFirst(item) }, [item])
    }
    this.readExpressions({ scope }, [select.limitCount, select.limitOffset])
    for (const node of select.lockingClause ?? []) {
      for (const locked of ('LockingClause' in node ? node.LockingClause.lockedRels : undefined) ?? []) {
        if (!('RangeVar' in locked)) continue
        const { relname = '', location } = locked.RangeVar
        const token = this.reading.mark(this.reading.at(location), relname, 'qualifier')
        scope.mentions.push({ token, name: relname })
      }
    }
  }

  /** A token of the query itself, by which its clauses are found. */
  #insideOf({ targetList }: SelectStmt): number | undefined {
    const [item] = targetList ?? []
    const location = item !== undefined && 'ResTarget' in item ? item.ResTarget.location : undefined
    return location === undefined || location < 0 ? undefined : this.reading.at(location)
  }

  /** A select list or RETURNING; `listEnd` is the token behind it. */
  readOutputs(scope: Scope, items: readonly Node[] | undefined, listEnd: number | undefined): void {
    const { reading } = this
    const targets = (items ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget] : []))
    for (const [index, { name, val, location }] of targets.entries()) {
      this.readExpressions({ scope, aggregates: true }, [val])
      if (name !== undefined) {
        const next = targets[index + 1]?.location
        const end = next === undefined ? listEnd : reading.at(next) - 1
        const token = end === undefined ? -1 : end - 1
        if (reading.isName(token, name) && token > reading.at(location)) reading.mark(token, name, 'alias')
        scope.outputs.push({ name })
      } else if (val !== undefined && 'ColumnRef' in val && isStar(val.ColumnRef.fields)) {
        const [qualifier] = namesIn(val.ColumnRef.fields).slice(-1)
        const mention = qualifier === undefined ? undefined : scope.mentions.pop()
        if (mention !== undefined) scope.mentions.push({ ...mention, isRow: false })
        scope.outputs.push({ star: qualifier === undefined ? {} : { qualifier } })
      } else if (val !== undefined && 'A_Indirection' in val && isStar(val.A_Indirection.indirection)) {
        scope.outputs.push({ star: {} })
      } else {
        const label = labelOf(val)
        scope.outputs.push(label === undefined ? {} : { name: label.name ?? '', ...(label.ref && { ref: label.ref }) })
      }
    }
  }
}

const isStar = (fields: readonly Node[] | undefined): boolean => fields?.some((field) => 'A_Star' in field) ?? false

/** A bare name in ORDER BY and DISTINCT ON is a label first; in an expression it is a column. */
function labelFirst(item: Node | undefined): { alias?: 'first' } {
  return item !== undefined && 'ColumnRef' in item && item.ColumnRef.fields?.length === 1 ? { alias: 'first' } : {}
}

/** The queries of a set operation; those nested on the left without clauses of their own are its own. */
function armsOf(select: SelectStmt): SelectStmt[] {
  const arms: SelectStmt[] = []
  let at: SelectStmt | undefined = select
  while (at !== undefined) {
    const { larg, rarg }: SelectStmt = at
    const isPlain =
      at === select || (at.withClause === undefined && at.sortClause === undefined && at.limitCount === undefined)
    if (larg === undefined || rarg === undefined || !isPlain || at.limitOffset !== undefined) {
      arms.push(at)
      break
    }
    arms.push(rarg)
    at = larg
  }
  return arms.reverse()
}
