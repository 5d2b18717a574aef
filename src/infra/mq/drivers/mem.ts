import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../../base/errors.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { DeadLetter, Delivery, DriverSubscription, MqDriver, Outgoing } from '../driver.ts'

const Params = z.strictObject({ concurrency: z.coerce.number().int().min(1).max(1024).default(4) })

const DEAD_LETTER_MS = 7 * 86_400_000
/** Dead letters live in memory: of each group only the newest stay. */
const MAX_DEAD_LETTERS = 10_000
/** More unfinished messages than this are worth a look. */
const MANY = 1_000

/** One message of one group. `timer` runs while it waits for its time. */
type Entry = Outgoing & { id: string; attempt: number; publishedAtMs: number; timer?: NodeJS.Timeout }

/**
 * `mem://?concurrency=N`. Queues in the memory of this process, without a journal: what is not handled when the
 * process ends is gone. The truth is the outbox in the database, whose rows stay until their message is handled.
 * A name, as in `mem://topic`, is accepted and means nothing: the queues are nobody else's anyway.
 */
export async function open(uri: Uri): Promise<MqDriver> {
  const { concurrency } = parseParams(uri, Params)
  const isName = uri.hosts.length < 2 && uri.hosts[0]?.port === undefined && uri.path === ''
  if (!isName || uri.user !== '' || uri.password !== '')
    throw new AppError('invalid_argument', 'mem: takes no address, as in "mem://"')
  const topics = new Map<string, Map<string, MemGroup>>()
  const groupOf = (topic: string, group: string): MemGroup => {
    const found = topics.get(topic)?.get(group)
    if (found === undefined) throw new AppError('invalid_argument', 'the group is not declared')
    return found
  }
  const all = (): MemGroup[] => [...topics.values()].flatMap((groups) => [...groups.values()])
  // Ids must not repeat after a restart: handlers are idempotent on them.
  const run = randomUUID().slice(0, 8)
  let published = 0

  return {
    provider: 'mem',
    features: new Set(['delay']),
    concurrency,
    declare: async (topic, groups) => {
      const known = topics.get(topic) ?? new Map<string, MemGroup>()
      for (const group of groups) if (!known.has(group)) known.set(group, new MemGroup(topic, group))
      topics.set(topic, known)
    },
    publish: async (topic, messages) => {
      const publishedAtMs = Date.now()
      for (const message of messages) {
        const id = `${run}-${++published}`
        for (const group of topics.get(topic)?.values() ?? []) group.add({ ...message, id, attempt: 1, publishedAtMs })
      }
    },
    subscribe: async (topic, group, deliver) => groupOf(topic, group).subscribe(deliver),
    deadLetters: async function* (topic, group) {
      yield* groupOf(topic, group).dead()
    },
    requeueDead: async (ids) => all().reduce((sum, group) => sum + group.requeue(ids), 0),
    lag: async (topic, group) => groupOf(topic, group).lag,
    health: async () => {
      const lag = all().reduce((sum, group) => sum + group.lag, 0)
      const dead = all().reduce((sum, group) => sum + group.dead().length, 0)
      return { status: lag > MANY || dead > 0 ? 'degraded' : 'up', engine: 'memory', checks: { lag, dead } }
    },
    codeOf: () => 'unknown',
    close: async () => {
      for (const group of all()) group.clear()
      topics.clear()
    },
  }
}

class MemGroup {
  readonly #topic: string
  readonly #group: string
  /** Everything unsettled, in the order of publishing: a Map keeps it however entries come and go. */
  readonly #entries = new Map<string, Entry>()
  readonly #dead = new Map<string, DeadLetter>()
  #deliver: ((delivery: Delivery) => void) | undefined

  constructor(topic: string, group: string) {
    this.#topic = topic
    this.#group = group
  }

  get lag(): number {
    return this.#entries.size
  }

  add(entry: Entry): void {
    this.#entries.set(entry.id, entry)
    this.#handOut(entry, entry.delayMs)
  }

  subscribe(deliver: (delivery: Delivery) => void): DriverSubscription {
    this.#deliver = deliver
    for (const entry of this.#entries.values()) if (entry.timer === undefined) this.#handOut(entry, 0)
    return {
      setWindow: () => undefined,
      close: async () => {
        if (this.#deliver !== deliver) return
        this.#deliver = undefined
        // Whoever comes next gets them in their order: a retry that waits must not be overtaken by its key.
        for (const entry of this.#entries.values()) if (entry.attempt > 1) this.#stopTimer(entry)
      },
    }
  }

  dead(): DeadLetter[] {
    const sinceMs = Date.now() - DEAD_LETTER_MS
    for (const [id, letter] of this.#dead) {
      if (letter.deadAtMs >= sinceMs && this.#dead.size <= MAX_DEAD_LETTERS) break
      this.#dead.delete(id)
    }
    return [...this.#dead.values()]
  }

  requeue(ids: readonly string[]): number {
    const letters = ids.flatMap((id) => this.#dead.get(id) ?? [])
    for (const { id, messageId, body, key, headers, publishedAtMs } of letters) {
      this.#dead.delete(id)
      this.add({ id: messageId, body, key, headers, publishedAtMs, delayMs: 0, attempt: 1 })
    }
    return letters.length
  }

  clear(): void {
    for (const entry of this.#entries.values()) this.#stopTimer(entry)
    this.#entries.clear()
    this.#dead.clear()
    this.#deliver = undefined
  }

  #handOut(entry: Entry, delayMs: number): void {
    if (delayMs > 0) {
      entry.timer = setTimeout(() => {
        delete entry.timer
        this.#handOut(entry, 0)
      }, delayMs)
      return
    }
    const deliver = this.#deliver
    if (deliver === undefined) return
    // Settled by this subscription only, and only once.
    let open = true
    const settle = (act: () => void) => async () => {
      if (open && this.#deliver === deliver) act()
      open = false
    }
    const { id, body, key, headers, attempt, publishedAtMs } = entry
    deliver({
      ...{ id, body, key, headers, attempt, publishedAtMs },
      ack: settle(() => this.#entries.delete(id)),
      nack: (afterMs) =>
        settle(() => {
          entry.attempt++
          this.#handOut(entry, afterMs)
        })(),
      release: settle(() => this.#handOut(entry, 0)),
      bury: (reason) => settle(() => this.#bury(entry, reason))(),
    })
  }

  #bury({ id, body, key, headers, attempt, publishedAtMs }: Entry, reason: string): void {
    this.#entries.delete(id)
    const names = { id: `${this.#topic}/${this.#group}/${id}`, topic: this.#topic, group: this.#group, messageId: id }
    const times = { publishedAtMs, deadAtMs: Date.now() }
    this.#dead.set(names.id, { ...names, body, key, headers, attempts: attempt, reason, ...times })
    if (this.#dead.size > MAX_DEAD_LETTERS) this.dead()
  }

  #stopTimer(entry: Entry): void {
    clearTimeout(entry.timer)
    delete entry.timer
  }
}
