import type { Ref, Scope, Source, SqlParserDriver, Statement } from '../driver.ts'
import { ABSENT, Columns, type Found, UNKNOWN } from './columns.ts'
import type { SqlParseError } from './errors.ts'
import { type Binding, Labels } from './labels.ts'
import type { Mapping } from './mapping.ts'

export type ResolveOptions = {
  driver: SqlParserDriver
  mapping: Mapping
  /** Refuse tables and columns that the mapping does not name. */
  strict: boolean
  /** Makes the error for a token. */
  refuse(message: string, token: number, hint?: string): SqlParseError
}

/** What happens to a token that is a name: a new name, and a qualifier to put before it. */
export type NameEdit = { readonly name: string; readonly qualifier?: string }

type InScope = { readonly name: string; readonly sources: readonly Source[] } | typeof ABSENT | typeof UNKNOWN

/**
 * Finds out which column every name of a statement means, on the original names, and gives the edits that make the
 * same names mean the same columns under the new names. Throws when a name may mean two things, or would mean another
 * thing afterwards.
 */
export function resolve(statement: Statement, options: ResolveOptions): ReadonlyMap<number, NameEdit> {
  return new Resolution(statement, options).run()
}

class Resolution {
  readonly #statement: Statement
  readonly #options: ResolveOptions
  readonly #driver: SqlParserDriver
  readonly #columns: Columns
  /** The keys of the new table names. */
  readonly #physical: ReadonlySet<string>
  readonly #edits = new Map<number, NameEdit>()
  readonly #bindings = new Map<Ref, Binding>()
  readonly #names = new Map<readonly Source[], Map<string, InScope>>()
  readonly #labels: Labels
  readonly #exposed = {
    before: new Map<Scope, Map<string, Source[]>>(),
    after: new Map<Scope, Map<string, Source[]>>(),
  }

  constructor(statement: Statement, options: ResolveOptions) {
    this.#statement = statement
    this.#options = options
    this.#driver = options.driver
    const newNames = [...options.mapping.values()].flatMap(({ newName }) => newName ?? [])
    this.#physical = new Set(newNames.map(this.#key))
    this.#labels = new Labels(this.#key, (ref, scope) => this.#bind(ref, scope))
    this.#columns = new Columns({
      driver: options.driver,
      mapping: options.mapping,
      newNameOf: (ref, scope) => this.#bind(ref, scope).name,
      giveUp: () => {
        throw options.refuse('the statement is too complex', 0, 'it has too many names in one scope')
      },
    })
  }

  run(): ReadonlyMap<number, NameEdit> {
    const { scopes } = this.#statement
    for (const scope of scopes) this.#columns.read(scope)
    for (const scope of scopes) for (const source of scope.sources) this.#table(scope, source)
    for (const scope of scopes) {
      this.#natural(scope)
      for (const ref of scope.refs) this.#apply(ref, this.#bind(ref, scope))
      for (const { token, name, isRow } of scope.mentions) {
        if (isRow === true && this.#options.strict) throw this.#options.refuse('name the columns', token)
        this.#mention(scope, token, name)
      }
    }
    return this.#edits
  }

  #key = (name: string): string => this.#driver.key(name)

  #table(scope: Scope, source: Source): void {
    const { refuse, mapping, strict } = this.#options
    if (source.aliasToken !== undefined && source.alias !== undefined && mapping.has(this.#key(source.alias)))
      throw refuse('an alias is the name of a mapped table', source.aliasToken, 'choose another alias')
    if (source.token === undefined || source.kind !== 'table') return
    const { table, cte } = this.#columns.meaning(source)
    if (table === undefined) {
      if (strict && cte === undefined) throw refuse('the table is not known', source.token)
      if (cte === undefined && this.#physical.has(this.#key(source.name ?? '')))
        throw refuse('the table is named by its new name', source.token)
      return
    }
    if (source.schema !== undefined) throw refuse('the table must be named without a schema', source.token)
    if (table.newName === undefined) return
    if (source.target !== true && this.#columns.cte(scope, this.#key(table.newName)) !== undefined)
      throw refuse('a common table expression hides the table', source.token, 'rename the expression')
    this.#edits.set(source.token, { name: table.newName })
  }

  #natural(scope: Scope): void {
    if (scope.natural === undefined || !scope.sources.some((source) => this.#columns.changes(source))) return
    throw this.#options.refuse('NATURAL joins of renamed columns are not supported', scope.natural, 'use JOIN … ON')
  }

  #apply(ref: Ref, { name, qualifier }: Binding): void {
    if (qualifier !== undefined) this.#edits.set(ref.token, { name, qualifier })
    else if (name !== ref.column) this.#edits.set(ref.token, { name })
  }

  #bind(ref: Ref, scope: Scope): Binding {
    const known = this.#bindings.get(ref)
    if (known !== undefined) return known
    // A query that refers to itself while its own names are being read keeps them.
    this.#bindings.set(ref, { name: ref.column, source: undefined })
    const binding = this.#resolve(ref, scope)
    this.#bindings.set(ref, binding)
    return binding
  }

  #resolve(ref: Ref, scope: Scope): Binding {
    if (ref.using !== undefined) return this.#using(ref, ref.using)
    if (ref.only !== undefined) return this.#known(ref, ref.only, this.#columns.lookup(ref.only, this.#key(ref.column)))
    return ref.qualifier === undefined ? this.#unqualified(ref, scope) : this.#qualified(ref, ref.qualifier, scope)
  }

  /** A reference whose source is certain. */
  #known(ref: Ref, source: Source, found: Found): Binding {
    if (typeof found === 'string') return { name: found, source }
    if (this.#options.strict && found === ABSENT) throw this.#options.refuse('the column is not known', ref.token)
    return { name: ref.column, source }
  }

  #qualified(ref: Ref, qualifier: NonNullable<Ref['qualifier']>, scope: Scope): Binding {
    const key = this.#key(ref.column)
    for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
      const candidates = this.#exposedIn(level, 'before').get(this.#key(qualifier.name))
      const source = candidates?.[0]
      if (candidates === undefined || source === undefined) continue
      const found = candidates.map((candidate) => this.#columns.lookup(candidate, key))
      if (found.some((name) => name !== found[0])) throw this.#ambiguous(ref.token)
      this.#renameExposed(scope, level, source, qualifier.token)
      return this.#known(ref, source, found[0] ?? UNKNOWN)
    }
    if (this.#options.strict) throw this.#options.refuse('no table has this name or alias', qualifier.token)
    return { name: ref.column, source: undefined }
  }

  #mention(scope: Scope, token: number, name: string): void {
    for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
      const source = this.#exposedIn(level, 'before').get(this.#key(name))?.[0]
      if (source === undefined) continue
      this.#renameExposed(scope, level, source, token)
      return
    }
  }

  /** Gives a qualifier the new name of its table, provided that the new name means the same table there. */
  #renameExposed(scope: Scope, level: Scope, source: Source, token: number): void {
    const name = this.#columns.exposed(source, true)
    if (name === undefined) return
    if (!this.#reaches(scope, level, source, name)) throw this.#ambiguous(token)
    if (source.alias === undefined && name !== source.name) this.#edits.set(token, { name })
  }

  #reaches(scope: Scope, level: Scope, source: Source, name: string): boolean {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
      const candidates = this.#exposedIn(at, 'after').get(this.#key(name)) ?? []
      if (candidates.some((candidate) => candidate !== source)) return false
      if (at === level) return true
    }
    return false
  }

  #unqualified(ref: Ref, scope: Scope): Binding {
    const key = this.#key(ref.column)
    const output = ref.alias === undefined ? undefined : this.#labels.find(scope, key)
    if (ref.alias === 'first' && output !== undefined) {
      if (output.ref === undefined) return { name: ref.column, source: undefined }
      const { name, source } = this.#bind(output.ref, output.scope)
      if (source !== undefined) return this.#guarded(ref, scope, { name, sources: [source] }, scope)
      return { name, source }
    }
    let isHidden = false
    for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
      const found = this.#inScope(visible(ref, scope, level), key, ref)
      if (typeof found === 'object' && isHidden) throw this.#ambiguous(ref.token)
      if (typeof found === 'object') return this.#guarded(ref, scope, found, level)
      if (level === scope && output !== undefined && output.ref === undefined) return this.#ownLabel(ref, scope, key)
      if (found === UNKNOWN) break
      // Some engines let sub-queries see the labels of the query around them, in some of its clauses.
      isHidden ||= level !== scope && this.#labels.isAlias(level, key)
    }
    return this.#unresolved(ref, scope, key)
  }

  /** A label of the select list, used where columns win: no column may be called like it afterwards. */
  #ownLabel(ref: Ref, scope: Scope, key: string): Binding {
    if (visible(ref, scope, scope).some((source) => this.#columns.hasNew(source, key))) throw this.#ambiguous(ref.token)
    return { name: ref.column, source: undefined }
  }

  /** A name that no known source has: it stays, unless a column is called like it afterwards. */
  #unresolved(ref: Ref, scope: Scope, key: string): Binding {
    if (this.#options.strict) throw this.#options.refuse('the column is not known', ref.token)
    for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
      if (visible(ref, scope, level).some((source) => this.#gains(source, key))) throw this.#ambiguous(ref.token)
      const row = this.#driver.rowNames ? this.#exposedIn(level, 'before').get(key)?.[0] : undefined
      if (row?.alias === undefined && row !== undefined && this.#columns.meaning(row).table?.newName !== undefined)
        throw this.#options.refuse('a whole row is named by its table', ref.token, 'give the table an alias')
    }
    return { name: ref.column, source: undefined }
  }

  /** Whether a source has a column of this name only after the rewriting. */
  #gains(source: Source, key: string): boolean {
    if (!this.#columns.hasNew(source, key)) return false
    const before = this.#columns.lookup(source, key)
    return typeof before !== 'string' || this.#key(before) !== key
  }

  #inScope(sources: readonly Source[], key: string, ref: Ref): InScope {
    let names = this.#names.get(sources)
    if (names === undefined) {
      names = new Map()
      this.#names.set(sources, names)
    }
    const known = names.get(key)
    if (known !== undefined) return known
    const found = sources.map((source) => this.#columns.lookup(source, key))
    const owners = sources.filter((_, index) => typeof found[index] === 'string')
    const name = found.find((candidate) => typeof candidate === 'string')
    if (found.some((candidate) => typeof candidate === 'string' && candidate !== name)) throw this.#ambiguous(ref.token)
    const result = name !== undefined ? { name, sources: owners } : found.includes(UNKNOWN) ? UNKNOWN : ABSENT
    names.set(key, result)
    return result
  }

  /** Qualifies a name that would mean another column, or a label, after the rewriting. */
  #guarded(ref: Ref, scope: Scope, found: { name: string; sources: readonly Source[] }, level: Scope): Binding {
    const { name, sources } = found
    const source = sources[0]
    const newKey = this.#key(name)
    let captured = ref.alias === 'first' && this.#labels.hasOther(scope, newKey, source)
    if (scope.arms !== undefined) {
      if (captured) throw this.#ambiguous(ref.token)
      return { name, source }
    }
    for (let at: Scope | undefined = scope; at !== undefined && !captured; at = at === level ? undefined : at.outer)
      captured = visible(ref, scope, at).some(
        (other) => !sources.includes(other) && this.#columns.hasNew(other, newKey),
      )
    if (!captured) return { name, source }
    const qualifier = source === undefined ? undefined : this.#columns.exposed(source, true)
    if (source === undefined || qualifier === undefined || sources.length > 1) throw this.#ambiguous(ref.token)
    if (!this.#reaches(scope, level, source, qualifier)) throw this.#ambiguous(ref.token)
    return { name, source, qualifier }
  }

  #using(ref: Ref, { left, right }: NonNullable<Ref['using']>): Binding {
    const key = this.#key(ref.column)
    const names = [left, right].map((side) => this.#inScope(side, key, ref))
    const [ofLeft, ofRight] = names.map((found) => (typeof found === 'object' ? found.name : ref.column))
    if (ofLeft === undefined || ofLeft !== ofRight)
      throw this.#options.refuse('a USING column has different names on both sides', ref.token, 'use JOIN … ON')
    if (this.#options.strict && names.every((found) => typeof found !== 'object'))
      throw this.#options.refuse('the column is not known', ref.token)
    return { name: ofLeft, source: undefined }
  }

  #exposedIn(scope: Scope, when: 'before' | 'after'): Map<string, Source[]> {
    const known = this.#exposed[when].get(scope)
    if (known !== undefined) return known
    const exposed = new Map<string, Source[]>()
    for (const source of sourcesOf(scope)) {
      const name = this.#columns.exposed(source, when === 'after')
      if (name === undefined) continue
      const same = exposed.get(this.#key(name))
      if (same === undefined) exposed.set(this.#key(name), [source])
      else same.push(source)
    }
    this.#exposed[when].set(scope, exposed)
    return exposed
  }

  #ambiguous(token: number): SqlParseError {
    return this.#options.refuse('the name is ambiguous', token, 'qualify it with a table alias')
  }
}

/** The sources of a query; those of a set operation are its first query's. */
function sourcesOf(scope: Scope): readonly Source[] {
  let core = scope
  while (core.arms?.[0] !== undefined) core = core.arms[0]
  return core.sources
}

function visible(ref: Ref, scope: Scope, level: Scope): readonly Source[] {
  return level === scope && ref.within !== undefined ? ref.within : sourcesOf(level)
}
