import type { Context } from '../context.ts'
import { STOPPED, TOO_LONG } from './failure.ts'
import type { ChatRun } from './run.ts'
import * as store from './store.ts'

/** No answer takes longer. */
const MAX_CHAT_MS = 10 * 60_000
const POLL_MS = 1_000
/** How often a process says that its chats are alive, where others can hear it, … */
const SAY_ALIVE_EVERY_MS = 5_000
/** … after what silence they are taken for abandoned, and how often that is looked at. */
const ABANDONED_AFTER_MS = 30_000
const LOOK_AROUND_EVERY_MS = 10_000

/** The chats that run in this process, looked after while they do; and those that other processes have left running. */
export class RunningChats {
  readonly #context: Context
  readonly #isShared: boolean
  readonly #warn: (err: unknown) => void
  readonly #runs = new Map<string, ChatRun>()
  #poll: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  #saidAliveAtMs = 0
  /** When the database last was away. */
  #deafAtMs = Number.NEGATIVE_INFINITY

  constructor(context: Context, warn: (err: unknown) => void) {
    this.#context = context
    this.#isShared = !context.database.features.has('exclusive')
    this.#warn = warn
  }

  get all(): readonly ChatRun[] {
    return [...this.#runs.values()]
  }

  get(chatId: string): ChatRun | undefined {
    return this.#runs.get(chatId)
  }

  /** Keeps the run until it has settled, and looks after it meanwhile. */
  add(run: ChatRun): void {
    this.#runs.set(run.chat.id, run)
    this.#poll ??= setInterval(() => void this.#look().catch(this.#warn), POLL_MS).unref()
    void run.settled.then(() => {
      this.#runs.delete(run.chat.id)
      if (this.#runs.size > 0) return
      clearInterval(this.#poll)
      this.#poll = undefined
    })
  }

  /**
   * Fails the chats that a crash has left running, and returns how many. With a database of one process that is every
   * running chat; otherwise other processes may be alive, and from now on those that fall silent are looked for.
   */
  async recover(): Promise<number> {
    if (!this.#isShared) return this.#failSilent(Number.MAX_SAFE_INTEGER)
    this.#watch ??= setInterval(() => void this.#lookAround(), LOOK_AROUND_EVERY_MS).unref()
    return 0
  }

  /** Frees a conversation whose chat has been abandoned. False when it may be alive. */
  async free(conversationId: string): Promise<boolean> {
    const patienceMs = this.#isShared ? ABANDONED_AFTER_MS : 2 * MAX_CHAT_MS
    return (await this.#failSilent(this.#context.clock() - patienceMs, conversationId)) > 0
  }

  /** Looks for abandoned chats no more. */
  stopWatching(): void {
    clearInterval(this.#watch)
  }

  #failSilent(silentSinceMs: number, conversationId?: string): Promise<number> {
    const { database, clock } = this.#context
    const which = { silentSinceMs, ...(conversationId === undefined ? {} : { conversationId }) }
    return store.failAbandoned(database.db, which, { ...STOPPED, atMs: clock() })
  }

  /**
   * Ends the runs that another process canceled, whose conversation was deleted, or that take too long; tells other
   * processes that the rest is alive.
   */
  async #look(): Promise<void> {
    const { database, clock } = this.#context
    const nowMs = clock()
    const runs = this.all.filter((run) => !run.ended)
    const isToSay = this.#isShared && nowMs - this.#saidAliveAtMs >= SAY_ALIVE_EVERY_MS
    const running = new Set<string>()
    for (let i = 0; i < runs.length; i += 500) {
      const ids = runs.slice(i, i + 500).map((run) => run.chat.id)
      if (isToSay) await store.keepAlive(database.db, ids, nowMs)
      for (const id of await store.findRunning(database.db, ids)) running.add(id)
    }
    if (isToSay) this.#saidAliveAtMs = nowMs
    for (const run of runs) {
      if (!running.has(run.chat.id)) void run.end({ status: 'canceled' })
      else if (clock() - run.chat.createdAtMs > MAX_CHAT_MS) void run.end({ status: 'failed', failure: TOO_LONG })
    }
  }

  /** Frees what a process that fell silent has left. While the database was away nobody could be heard. */
  async #lookAround(): Promise<void> {
    const nowMs = this.#context.clock()
    if (nowMs - this.#deafAtMs < ABANDONED_AFTER_MS) return
    try {
      await this.#failSilent(nowMs - ABANDONED_AFTER_MS)
    } catch (err) {
      this.#deafAtMs = nowMs
      this.#warn(err)
    }
  }
}
