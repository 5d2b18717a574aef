import { isDeepStrictEqual } from 'node:util'
import type { Random } from './random.ts'

/** What went wrong in a run, and every id that the server has given away. */
export class Journal {
  readonly problems: string[] = []
  readonly #ids = new Map<string, string>()

  complain(text: string): void {
    this.problems.push(text)
  }

  /** Notes a new id. The same id for two things is a problem. */
  born(id: string, what: string): void {
    const before = this.#ids.get(id)
    if (before !== undefined) this.complain(`the id ${id} was given twice: to a ${before} and to a ${what}`)
    this.#ids.set(id, what)
  }

  get idCount(): number {
    return this.#ids.size
  }
}

/** One thing that the server has acknowledged, with the states it may be in. `null`: deleted. */
export class Fact<T extends object> {
  readonly id: string
  /** Whether anything may have happened to it since it was last looked at. */
  isFresh = true
  #states: readonly (T | null)[]

  constructor(id: string, states: readonly (T | null)[]) {
    this.id = id
    this.#states = states
  }

  /** The state, when there is only one that it can be in. */
  get state(): T | null | undefined {
    return this.#states.length === 1 ? this.#states[0] : undefined
  }

  get states(): readonly (T | null)[] {
    return this.#states
  }

  /** From now on it is in one of these states. */
  become(...states: readonly (T | null)[]): void {
    this.#states = states
    this.isFresh = true
  }

  /** Notes what was seen. Returns false when that cannot be. */
  see(seen: T | null): boolean {
    this.isFresh = false
    const isPossible = this.#states.some((state) => isDeepStrictEqual(state, seen))
    if (isPossible) this.#states = [seen]
    return isPossible
  }
}

/** Does `act`, after which the facts are in their new states; when no answer comes they are in the old or the new. */
export async function change<R>(
  changes: readonly (readonly [fact: { states: readonly (object | null)[] }, next: object | null])[],
  act: () => Promise<R>,
): Promise<R> {
  const facts = changes as readonly (readonly [Fact<object>, object | null])[]
  for (const [fact, next] of facts) fact.become(...fact.states, next)
  const result = await act()
  for (const [fact, next] of facts) fact.become(next)
  return result
}

/** All facts of one kind that one client has made. */
export class Facts<T extends object, F extends Fact<T> = Fact<T>> {
  readonly #what: string
  readonly #journal: Journal
  readonly #all: F[] = []

  constructor(what: string, journal: Journal) {
    this.#what = what
    this.#journal = journal
  }

  add(fact: F): F {
    this.#journal.born(fact.id, this.#what)
    this.#all.push(fact)
    return fact
  }

  /** One that surely exists. */
  pick(random: Random, isFit: (fact: F) => boolean = () => true): F | undefined {
    return random.pick(this.live.filter(isFit))
  }

  get live(): F[] {
    return this.#all.filter((fact) => fact.state !== undefined && fact.state !== null)
  }

  get count(): number {
    return this.#all.length
  }

  /** Looks at the facts, several at a time, and complains about every one that is not as it must be. */
  async check(which: 'fresh' | 'all', look: (fact: F) => Promise<T | null>): Promise<void> {
    const facts = this.#all.filter((fact) => which === 'all' || fact.isFresh).values()
    const one = async () => {
      for (const fact of facts) this.compare(fact, await look(fact))
    }
    await Promise.all(Array.from({ length: 4 }, one))
  }

  compare(fact: F, seen: T | null): void {
    const expected = fact.states
    if (fact.see(seen)) return
    const text = expected.map((state) => JSON.stringify(state) ?? 'null').join(' or ')
    this.#journal.complain(`${this.#what} ${fact.id} is ${JSON.stringify(seen)}, must be ${text}`)
  }

  select(which: 'fresh' | 'all'): F[] {
    return this.#all.filter((fact) => which === 'all' || fact.isFresh)
  }
}

/** Someone who uses the server until it is gone, and knows what it must remember. */
export type Client = {
  readonly name: string
  /** One action. Throws `Unanswered` when the server is gone. */
  step(url: string): Promise<void>
  /** Compares what the server has with what it acknowledged: all of it, or what changed since the last check. */
  check(url: string, which: 'fresh' | 'all'): Promise<void>
}
