import { AppError } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'
import { Observer } from '../../base/observe.ts'
import type { KvDriver, KvEntry } from './driver.ts'
import { createPipeline, type KvPipeline } from './pipeline.ts'
import { adminRequests, type HashFields, type KvArg, type Request, requests, type SetOptions } from './requests.ts'

const SCAN_PAGE = 500

/** For operators and for moving data between providers. */
export type KvAdmin = {
  /** Every live key that starts with `prefix`, each once, also while others write. */
  scan(options?: { prefix?: string }): AsyncIterable<string>
  /** The whole key, or null. */
  dump(key: string): Promise<KvEntry | null>
  /** Puts back what `dump` gave. Throws `already_exists` unless `replace`; stores nothing once it has expired. */
  restore(entry: KvEntry, options?: { replace?: boolean }): Promise<void>
  /** Milliseconds left, 'none' for a key that never expires, null without the key. */
  ttl(key: string): Promise<number | 'none' | null>
  /** How many live keys there are. */
  size(): Promise<number>
}

/**
 * Redis-like store of small, mostly short-lived state. A missing key is `null`, 0, {} or [], never an error; a key
 * of another type is `wrong_type`. Keys have 1…4096 bytes, values up to 64 MiB (`resource_exhausted`) and must not be
 * changed until the call has settled. Commands of one caller take effect in the order of the calls.
 */
export class Kv {
  readonly provider: string
  readonly features: ReadonlySet<string>
  readonly admin: KvAdmin
  readonly #driver: KvDriver
  readonly #observer: Observer

  constructor(driver: KvDriver) {
    const { provider, features } = driver
    this.provider = provider
    this.features = features
    this.#driver = driver
    this.#observer = new Observer({ capability: 'kv', provider, codeOf: (err) => driver.codeOf(err) })
    this.admin = {
      scan: (options = {}) => this.#scan(options.prefix ?? ''),
      dump: (key) => this.#call('dump', () => adminRequests.dump(key)),
      restore: (entry, options) => this.#call('restore', () => adminRequests.restore(entry, options)),
      ttl: (key) => this.#call('ttl', () => adminRequests.ttl(key)),
      size: () => this.#call('size', () => adminRequests.size()),
    }
  }

  /** Replaces whatever is there. Without `ttlMs` it never expires, whatever the key had before (see `keepTtl`). */
  set(key: string, value: KvArg, options?: SetOptions): Promise<void> {
    return this.#call('set', () => requests.set(key, value, options))
  }

  /** The value as text; bytes that aren't UTF-8 become replacement characters. */
  get(key: string): Promise<string | null> {
    return this.#call('get', () => requests.get(key))
  }

  getBuffer(key: string): Promise<Uint8Array | null> {
    return this.#call('get', () => requests.getBuffer(key))
  }

  /** Throws `wrong_type` when the value isn't a 64-bit integer in canonical form. */
  getInt(key: string): Promise<bigint | null> {
    return this.#call('get', () => requests.getInt(key))
  }

  /** Adds one; a missing key counts as 0. Throws as `incrBy` does. */
  incr(key: string): Promise<bigint> {
    return this.#call('incr', () => requests.incr(key))
  }

  /**
   * Adds and answers with the sum; the lifetime stays. Throws `wrong_type` when the value isn't a canonical integer
   * and `out_of_range` beyond 64 bits; then nothing has changed.
   */
  incrBy(key: string, by: number | bigint): Promise<bigint> {
    return this.#call('incr', () => requests.incrBy(key, by))
  }

  /** Sets fields of a hash and answers how many are new; the lifetime stays. */
  hset(key: string, fields: HashFields): Promise<number> {
    return this.#call('hset', () => requests.hset(key, fields))
  }

  /** All fields, in no promised order; {} without the key. */
  hgetall(key: string): Promise<Record<string, string>> {
    return this.#call('hgetall', () => requests.hgetall(key))
  }

  /** Deletes keys of any type and answers how many were there. */
  del(...keys: string[]): Promise<number> {
    return this.#call('del', () => requests.del(...keys))
  }

  /** How many of the keys are there; one named twice counts twice. */
  exists(...keys: string[]): Promise<number> {
    return this.#call('exists', () => requests.exists(...keys))
  }

  /** Sets the lifetime of a whole key, of any type; zero or less deletes it. False without the key. */
  expire(key: string, ttlMs: number): Promise<boolean> {
    return this.#call('expire', () => requests.expire(key, ttlMs))
  }

  /** Pushes in front, one after the other (a, b, c become c, b, a), and answers the length. */
  lpush(key: string, ...values: KvArg[]): Promise<number> {
    return this.#call('lpush', () => requests.lpush(key, ...values))
  }

  /** Pushes at the end and answers the length. */
  rpush(key: string, ...values: KvArg[]): Promise<number> {
    return this.#call('rpush', () => requests.rpush(key, ...values))
  }

  /** One item; negative positions count from the end. Null outside of the list. */
  lindex(key: string, index: number): Promise<string | null> {
    return this.#call('lindex', () => requests.lindex(key, index))
  }

  /** Replaces one item. Throws `not_found` without the key and `out_of_range` outside of the list. */
  lset(key: string, index: number, value: KvArg): Promise<void> {
    return this.#call('lset', () => requests.lset(key, index, value))
  }

  /** Takes the first item away; with the last one the key goes. Null without the key. */
  lpop(key: string): Promise<string | null> {
    return this.#call('lpop', () => requests.lpop(key))
  }

  /** The items from `start` to `stop`, both included, negative ones from the end; out of bounds is cut off. */
  lrange(key: string, start: number, stop: number): Promise<string[]> {
    return this.#call('lrange', () => requests.lrange(key, start, stop))
  }

  /** Collects commands to send together. */
  pipeline(): KvPipeline {
    return createPipeline(this.#driver, this.#observer)
  }

  /** Writes a consistent copy to `path`. Throws `unimplemented` without feature `backup`. */
  async backup(path: string, options: { signal?: AbortSignal } = {}): Promise<void> {
    await this.#observer.run('backup', () => backupOf(this.#driver)(path, options), options.signal)
  }

  health(): Promise<Health> {
    return this.#observer.health(async (signal) => {
      const { problem, ...facts } = await this.#driver.probe(signal)
      return problem === undefined ? { status: 'up', ...facts } : { status: 'degraded', ...facts, error: problem }
    })
  }

  close(): Promise<void> {
    return this.#observer.close(() => this.#driver.close())
  }

  #call<T>(op: string, build: () => Request<T>): Promise<T> {
    return this.#observer.run(op, async () => {
      const { command, read } = build()
      const [outcome] = await this.#driver.run([command])
      if (outcome?.ok !== true) throw outcome?.error
      return read(outcome.value as never)
    })
  }

  async *#scan(prefix: string): AsyncGenerator<string> {
    let after: string | undefined
    for (;;) {
      const last = after
      const keys = await this.#call('scan', () => adminRequests.scan(prefix, last, SCAN_PAGE))
      yield* keys
      after = keys.at(-1)
      if (after === undefined) return
    }
  }
}

function backupOf(driver: KvDriver): NonNullable<KvDriver['backup']> {
  if (driver.backup !== undefined) return driver.backup.bind(driver)
  throw new AppError('unimplemented', `${driver.provider} is backed up with its own tools, not by Snug`)
}
