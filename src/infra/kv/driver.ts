import type { ErrorCode } from '../../base/errors.ts'

/** A stored value as the front hands it over: text, or bytes that need not be text. */
export type KvValue = string | Uint8Array

/** One key with all it holds, for moving data between providers. `expiresAtMs` is in epoch milliseconds. */
export type KvEntry = { key: string; expiresAtMs?: number } & (
  | { type: 'string'; value: Uint8Array }
  | { type: 'hash'; value: [field: string, value: Uint8Array][] }
  | { type: 'list'; value: Uint8Array[] }
)

/**
 * Everything a provider can be asked, as data, so that a single call and a pipeline are the same thing. Keys,
 * values and numbers have been checked by the front. Errors of a command: `wrong_type` (the key holds another
 * type, or the value isn't an integer), `out_of_range`, `not_found`, `already_exists`.
 */
export type Command =
  /** Replaces whatever is there. `ttlMs` undefined: never expires, unless `keepTtl` keeps what is set. */
  | { op: 'set'; key: string; value: KvValue; ttlMs: number | undefined; keepTtl: boolean }
  | { op: 'get' | 'getBuffer' | 'hgetall' | 'lpop' | 'dump' | 'ttl'; key: string }
  /** `out_of_range` when the sum leaves 64 bits; the value stays. */
  | { op: 'incrBy'; key: string; by: bigint }
  | { op: 'hset'; key: string; fields: readonly (readonly [field: string, value: KvValue])[] }
  | { op: 'del' | 'exists'; keys: readonly string[] }
  /** Zero or less deletes. */
  | { op: 'expire'; key: string; ttlMs: number }
  | { op: 'lpush' | 'rpush'; key: string; values: readonly KvValue[] }
  /** Negative positions count from the end. */
  | { op: 'lindex'; key: string; index: number }
  /** `not_found` without the key, `out_of_range` outside of the list. */
  | { op: 'lset'; key: string; index: number; value: KvValue }
  /** Both ends included, negative ones count from the end. */
  | { op: 'lrange'; key: string; start: number; stop: number }
  /** `already_exists` without `replace`. An entry that has expired is not stored. */
  | { op: 'restore'; entry: KvEntry; replace: boolean }
  /** At most `limit` live keys in ascending order of their bytes, behind `after`. */
  | { op: 'scan'; prefix: string; after: string | undefined; limit: number }
  | { op: 'size' }

/** What each command answers; a missing value is `null`. */
export type Replies = {
  set: null
  get: string | null
  getBuffer: Uint8Array | null
  hgetall: [field: string, value: string][]
  lpop: string | null
  dump: KvEntry | null
  /** Milliseconds left; 'none' for a key that never expires; null without the key. */
  ttl: number | 'none' | null
  incrBy: bigint
  /** How many fields are new. */
  hset: number
  /** How many live keys were deleted. */
  del: number
  /** How many are live; a key named twice counts twice. */
  exists: number
  /** Whether the key was there. */
  expire: boolean
  /** The length after the push. */
  lpush: number
  rpush: number
  lindex: string | null
  lset: null
  lrange: string[]
  restore: null
  scan: string[]
  size: number
}
export type Reply = Replies[keyof Replies]

/** What became of one command. `error` is what the provider threw; the front wraps it. */
export type Outcome = { ok: true; value: Reply } | { ok: false; error: unknown }

/** What a provider says about its state. */
export type KvProbe = {
  /** What really runs behind the scheme. */
  engine: string
  /** Facts for an operator: version, modes, sizes, queue lengths. Never keys or secrets. */
  checks: Readonly<Record<string, string | number | boolean>>
  /** Why it is `degraded`, in a sentence: it works, but an operator should change something. */
  problem?: string
}

/** What a key-value provider implements. Applications use `Kv` in kv.ts. */
export interface KvDriver {
  /** The name in metrics and health. */
  readonly provider: string
  /** What only some providers can do: `backup`; `reopen` (the data outlives the process). */
  readonly features: ReadonlySet<string>

  /**
   * Runs commands in their order and answers each at its position. Each is atomic; together they needn't be. One
   * that fails doesn't stop the next. Commands of one caller take effect in the order of the calls, also when
   * the caller doesn't wait. Once it has resolved, the death of this process loses nothing.
   * Rejects only when nothing is known about any command.
   */
  run(commands: readonly Command[]): Promise<Outcome[]>

  /** Reaches the store and reports. Rejects when it can't be reached. */
  probe(signal: AbortSignal): Promise<KvProbe>

  /** Writes a consistent copy to a new file. Absent without `backup`. */
  backup?(path: string, options: { signal?: AbortSignal }): Promise<void>

  /** The code for an error this driver threw; `unknown` when it can't tell. */
  codeOf(err: unknown): ErrorCode

  /** Lets commands that were accepted finish, then releases everything. Called once. */
  close(): Promise<void>
}
