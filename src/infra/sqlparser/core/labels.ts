import type { Ref, Scope, Source } from '../driver.ts'

/** What a name means: its new spelling, and the source of the column where that is known. */
export type Binding = { readonly name: string; readonly source: Source | undefined; readonly qualifier?: string }

/** An item of a select list that has a plain name; an alias has no `ref`. */
export type Label = { readonly ref: Ref | undefined; readonly scope: Scope }

/** The labels of select lists, before and after the rewriting. */
export class Labels {
  readonly #keyOf: (name: string) => string
  readonly #bind: (ref: Ref, scope: Scope) => Binding
  readonly #before = new Map<Scope, Map<string, Label>>()
  readonly #after = new Map<Scope, Map<string, Set<Source | undefined>>>()

  constructor(keyOf: (name: string) => string, bind: (ref: Ref, scope: Scope) => Binding) {
    this.#keyOf = keyOf
    this.#bind = bind
  }

  /** The item of the select list with this label; of the first query of a set operation that has it. */
  find(scope: Scope, key: string): Label | undefined {
    let labels = this.#before.get(scope)
    if (labels === undefined) {
      labels = new Map<string, Label>()
      for (const core of coresOf(scope)) {
        for (const { name, ref } of core.outputs)
          if (name !== undefined && !labels.has(this.#keyOf(name))) labels.set(this.#keyOf(name), { ref, scope: core })
      }
      this.#before.set(scope, labels)
    }
    return labels.get(key)
  }

  /** Whether the name is given to an item by AS. */
  isAlias(scope: Scope, key: string): boolean {
    const label = this.find(scope, key)
    return label !== undefined && label.ref === undefined
  }

  /** Whether an item that is not this source's column is labelled so after the rewriting. */
  hasOther(scope: Scope, newKey: string, source: Source | undefined): boolean {
    let labels = this.#after.get(scope)
    if (labels === undefined) {
      labels = new Map<string, Set<Source | undefined>>()
      const [core] = coresOf(scope)
      for (const { name, ref } of core?.outputs ?? []) {
        if (name === undefined || core === undefined) continue
        const bound = ref === undefined ? { name, source: undefined } : this.#bind(ref, core)
        const key = this.#keyOf(bound.name)
        labels.set(key, (labels.get(key) ?? new Set()).add(bound.source))
      }
      this.#after.set(scope, labels)
    }
    return [...(labels.get(newKey) ?? [])].some((owner) => owner !== source)
  }
}

/** The queries of a set operation, or the query itself. */
function coresOf(scope: Scope): readonly Scope[] {
  const cores: Scope[] = []
  const open = [scope]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.arms === undefined) cores.push(next)
    else open.push(...next.arms.toReversed())
  }
  return cores
}
