import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, codeOf } from '../base/errors.ts'
import type { Context } from './context.ts'

/** How long a process may be silent before another takes its work. */
const TTL_MS = 30_000
const LOOK_EVERY_MS = 250

export type LeaseOptions = {
  /** Ends the waiting, and is passed on to the work. */
  signal: AbortSignal
  ttlMs?: number
}

/**
 * Runs `work` while no other process on the same database runs any of this name; waits for its turn. The work's
 * signal is aborted when the lease is lost, as when the database was away for too long: somebody else may have begun.
 * With a database of one process there is nobody to wait for.
 */
export async function withLease<T>(
  context: Context,
  name: string,
  { signal, ttlMs = TTL_MS }: LeaseOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (context.database.features.has('exclusive')) return work(signal)
  const lease = new Lease(context, name, ttlMs)
  while (!(await lease.acquire())) await sleep(LOOK_EVERY_MS * (0.5 + Math.random()), undefined, { signal })
  const lost = new AbortController()
  const renewing = setInterval(() => void lease.renew(lost), ttlMs / 3)
  try {
    return await work(AbortSignal.any([signal, lost.signal]))
  } finally {
    clearInterval(renewing)
    await lease.release().catch(() => undefined) // it runs out by itself
  }
}

class Lease {
  readonly #context: Context
  readonly #name: string
  readonly #ttlMs: number
  readonly #holderId: string
  #expiresAtMs = 0

  constructor(context: Context, name: string, ttlMs: number) {
    this.#context = context
    this.#name = name
    this.#ttlMs = ttlMs
    this.#holderId = context.newId()
  }

  /** Takes a lease that is free or has run out. False while somebody else holds it. */
  async acquire(): Promise<boolean> {
    const { database, clock } = this.#context
    const nowMs = clock()
    const next = { holder_id: this.#holderId, expires_at_ms: nowMs + this.#ttlMs }
    const inherited = await database.db
      .updateTable('lease')
      .set(next)
      .where('name', '=', this.#name)
      .where('expires_at_ms', '<', nowMs)
      .executeTakeFirst()
    this.#expiresAtMs = next.expires_at_ms
    if (inherited.numUpdatedRows > 0n) return true
    try {
      await database.db
        .insertInto('lease')
        .values({ name: this.#name, ...next })
        .execute()
      return true
    } catch (err) {
      if (codeOf(err) === 'already_exists') return false
      throw err
    }
  }

  /** Goes on holding it. One that cannot be renewed in time is lost. */
  async renew(lost: AbortController): Promise<void> {
    const { database, clock } = this.#context
    const expiresAtMs = clock() + this.#ttlMs
    const isMine = await database.db
      .updateTable('lease')
      .set({ expires_at_ms: expiresAtMs })
      .where('name', '=', this.#name)
      .where('holder_id', '=', this.#holderId)
      .executeTakeFirst()
      .then(({ numUpdatedRows }) => numUpdatedRows > 0n)
      .catch(() => undefined)
    if (isMine === true) this.#expiresAtMs = expiresAtMs
    else if (isMine === false || clock() >= this.#expiresAtMs)
      lost.abort(new AppError('conflict', 'another process has taken over this work'))
  }

  async release(): Promise<void> {
    const mine = this.#context.database.db.deleteFrom('lease').where('name', '=', this.#name)
    await mine.where('holder_id', '=', this.#holderId).execute()
  }
}
