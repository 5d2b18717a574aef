import type { Cte, Ref, Scope, Source, SqlParserDriver } from '../driver.ts'
import type { Mapping, TableMapping } from './mapping.ts'

/** The source has no such column. */
export const ABSENT: unique symbol = Symbol('absent')
/** Nobody knows the columns of this source: it is no mapped table. */
export const UNKNOWN: unique symbol = Symbol('unknown')

/** What a source says about a column: its name after the rewriting, or why there is none. */
export type Found = string | typeof ABSENT | typeof UNKNOWN

/** What a source stands for: a mapped table, a CTE, or neither (`table` and `cte` both absent). */
export type Meaning = { readonly table?: TableMapping; readonly cte?: Cte }

export type ColumnsOptions = {
  driver: SqlParserDriver
  mapping: Mapping
  /** The new name of a column that a select list exports by its own name. */
  newNameOf(ref: Ref, scope: Scope): string
  /** Called when the statement asks for more lookups than any sensible one does. Throws. */
  giveUp(): never
}

type Exports = {
  /** New labels by the key of the old ones. */
  readonly labels: ReadonlyMap<string, string>
  readonly newKeys: ReadonlySet<string>
  readonly stars: readonly Source[]
  /** A body that is being read right now refers to itself. */
  readonly open: boolean
}

/** Far beyond any real statement, and still well below a second. */
const MAX_STEPS = 2_000_000
const NO_EXPORTS: Exports = { labels: new Map(), newKeys: new Set(), stars: [], open: true }

/** What the columns of the sources of one statement are called, before and after the rewriting. */
export class Columns {
  readonly #options: ColumnsOptions
  readonly #meanings = new Map<Source, Meaning>()
  readonly #exports = new Map<Scope, Exports>()
  #steps = 0

  constructor(options: ColumnsOptions) {
    this.#options = options
  }

  /** Finds out what the sources of a scope are. */
  read(scope: Scope): void {
    for (const source of scope.sources) {
      if (source.kind !== 'table' || source.name === undefined || this.#meanings.has(source)) continue
      const key = this.#options.driver.key(source.name)
      const canBeCte = source.target !== true && source.schema === undefined && source.token !== undefined
      const cte = canBeCte ? this.cte(scope, key) : undefined
      const table = cte === undefined ? this.#options.mapping.get(key) : undefined
      this.#meanings.set(source, { ...(cte && { cte }), ...(table && { table }) })
    }
  }

  /** The CTE that a table name means in a scope. */
  cte(scope: Scope, key: string): Cte | undefined {
    for (let frame = scope.frame; frame !== undefined; frame = frame.parent) {
      this.#count(1)
      const cte = frame.ctes.get(key)
      if (cte !== undefined) return cte
    }
    return undefined
  }

  meaning(source: Source): Meaning {
    return this.#meanings.get(source) ?? {}
  }

  /** The name under which a source's columns are qualified, before or after the rewriting. */
  exposed(source: Source, after: boolean): string | undefined {
    if (source.alias !== undefined) return source.alias
    return (after ? this.meaning(source).table?.newName : undefined) ?? source.name
  }

  /** The new name of the column with this key in a source. */
  lookup(source: Source, key: string): Found {
    this.#count(1 + (source.columns?.length ?? 0))
    const given = source.columns?.find((name) => this.#options.driver.key(name) === key)
    if (given !== undefined) return given
    if (source.kind === 'function') return source.columns === undefined ? UNKNOWN : ABSENT
    if (source.kind === 'query') return source.columns === undefined ? this.#lookupExport(source.query, key) : ABSENT
    const { cte, table } = this.meaning(source)
    if (cte !== undefined) return this.#lookupCte(cte, key)
    if (table === undefined || table.columns.size === 0) return UNKNOWN
    return table.columns.get(key) ?? ABSENT
  }

  /** Whether a source is known to have a column that is called so after the rewriting. */
  hasNew(source: Source, newKey: string): boolean {
    this.#count(1 + (source.columns?.length ?? 0))
    if (source.columns?.some((name) => this.#options.driver.key(name) === newKey)) return true
    if (source.kind === 'function') return false
    if (source.kind === 'query') return source.columns === undefined && this.#hasNewExport(source.query, newKey)
    const { cte, table } = this.meaning(source)
    if (cte === undefined) return table?.newKeys.has(newKey) ?? false
    if (cte.columns !== undefined) return cte.columns.some((name) => this.#options.driver.key(name) === newKey)
    return this.#hasNewExport(cte.query, newKey)
  }

  /** Whether any column of a source changes its name: then columns cannot be matched by name (NATURAL). */
  changes(source: Source): boolean {
    this.#count(1)
    if (source.kind === 'function' || source.columns !== undefined) return false
    const { cte, table } = this.meaning(source)
    if (table !== undefined) return table.changes
    if (cte?.columns !== undefined) return false
    const query = cte?.query ?? source.query
    if (query === undefined) return false
    const { labels, stars } = this.#exportsOf(query)
    for (const [key, label] of labels) if (this.#options.driver.key(label) !== key) return true
    return stars.some((star) => this.changes(star))
  }

  #lookupCte(cte: Cte, key: string): Found {
    if (cte.columns === undefined) return this.#lookupExport(cte.query, key)
    this.#count(cte.columns.length)
    return cte.columns.find((name) => this.#options.driver.key(name) === key) ?? ABSENT
  }

  #lookupExport(query: Scope | undefined, key: string): Found {
    if (query === undefined) return UNKNOWN
    const { labels, stars, open } = this.#exportsOf(query)
    const label = labels.get(key)
    if (label !== undefined) return label
    let found: Found = open ? UNKNOWN : ABSENT
    for (const star of stars) {
      const inStar = this.lookup(star, key)
      if (typeof inStar === 'string') return inStar
      if (inStar === UNKNOWN) found = UNKNOWN
    }
    return found
  }

  #hasNewExport(query: Scope | undefined, newKey: string): boolean {
    if (query === undefined) return false
    const { newKeys, stars } = this.#exportsOf(query)
    return newKeys.has(newKey) || stars.some((star) => this.hasNew(star, newKey))
  }

  #exportsOf(query: Scope): Exports {
    let core = query
    while (core.arms?.[0] !== undefined) core = core.arms[0]
    const known = this.#exports.get(core)
    if (known !== undefined) return known
    this.#exports.set(core, NO_EXPORTS)
    const labels = new Map<string, string>()
    const stars: Source[] = []
    for (const { name, ref, star } of core.outputs) {
      this.#count(1)
      if (star !== undefined) stars.push(...this.starred(core, star.qualifier))
      if (name === undefined) continue
      const key = this.#options.driver.key(name)
      if (!labels.has(key)) labels.set(key, ref === undefined ? name : this.#options.newNameOf(ref, core))
    }
    const newKeys = new Set([...labels.values()].map((label) => this.#options.driver.key(label)))
    const exports = { labels, newKeys, stars, open: false }
    this.#exports.set(core, exports)
    return exports
  }

  /** The sources behind `*` or `t.*`. */
  starred(scope: Scope, qualifier: string | undefined): readonly Source[] {
    if (qualifier === undefined) return scope.sources
    const key = this.#options.driver.key(qualifier)
    return scope.sources.filter((source) => {
      const exposed = this.exposed(source, false)
      return exposed !== undefined && this.#options.driver.key(exposed) === key
    })
  }

  #count(steps: number): void {
    this.#steps += steps
    if (this.#steps > MAX_STEPS) this.#options.giveUp()
  }
}
