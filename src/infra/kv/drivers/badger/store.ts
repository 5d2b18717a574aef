import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { AppError } from '../../../../base/errors.ts'
import type { KvValue } from '../../driver.ts'

/** "SNKV" in ASCII, in the header of the file. */
const APPLICATION_ID = 0x534e4b56
const SCHEMA_VERSION = 1

/**
 * `entry` has one row per key. The items of lists and the fields of hashes hang on `entry.id`, which is never
 * used twice: a key that is deleted, replaced or expired lets go of its id at once, a trigger notes the id as
 * garbage, and the sweeper removes what hangs on it later.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, type INTEGER NOT NULL, value ANY, id INTEGER,
    head INTEGER, tail INTEGER, expires_at_ms INTEGER) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entry__expires ON entry (expires_at_ms) WHERE expires_at_ms IS NOT NULL;
  CREATE TABLE IF NOT EXISTS field (id INTEGER, name TEXT, value ANY NOT NULL, PRIMARY KEY (id, name))
    STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS item (id INTEGER, seq INTEGER, value ANY NOT NULL, PRIMARY KEY (id, seq))
    STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS garbage (id INTEGER PRIMARY KEY) STRICT;
  CREATE TRIGGER IF NOT EXISTS entry__replaced AFTER UPDATE OF id ON entry
    WHEN old.id IS NOT NULL AND old.id IS NOT new.id BEGIN INSERT INTO garbage VALUES (old.id); END;
  CREATE TRIGGER IF NOT EXISTS entry__deleted AFTER DELETE ON entry
    WHEN old.id IS NOT NULL BEGIN INSERT INTO garbage VALUES (old.id); END;
`
export const STRING = 0
export const HASH = 1
export const LIST = 2

/** The living row of a hash or list: its items hang on `id`; those of a list are `head` ≤ seq < `tail`. */
export type Collection = { id: number; head: number; tail: number }

const LIVE = '(expires_at_ms IS NULL OR expires_at_ms > ?)'
const FIND = `SELECT type, id, head, tail FROM entry WHERE key = ? AND ${LIVE}`
const CREATE = `INSERT INTO entry (key, type, id, head, tail) VALUES (?, ?, ?, 0, 0) ON CONFLICT (key) DO UPDATE
  SET type = excluded.type, value = NULL, id = excluded.id, head = 0, tail = 0, expires_at_ms = NULL`
const MAX_ID = `SELECT max(coalesce((SELECT max(id) FROM field), 0), coalesce((SELECT max(id) FROM item), 0),
  coalesce((SELECT max(id) FROM garbage), 0)) AS id`

/** The file behind the store: statements by their text, and what all types of values share. */
export class Store {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #lastId: number

  constructor(file: string, sync: 'normal' | 'full') {
    this.#db = new DatabaseSync(file, { timeout: 5_000 })
    try {
      // One process owns the file, so no lock need be taken for every read, and no memory be shared.
      this.#db.exec('PRAGMA locking_mode=EXCLUSIVE')
      this.#checkOwner()
      this.#db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=${sync}; PRAGMA temp_store=MEMORY;
        PRAGMA cache_size=-32768; PRAGMA journal_size_limit=${64 * 1024 ** 2}`)
      this.#db.exec(`BEGIN; ${SCHEMA}; COMMIT`)
      this.#lastId = this.get<{ id: number }>(MAX_ID)?.id ?? 0
    } catch (err) {
      this.#db.close()
      throw err
    }
  }

  get raw(): DatabaseSync {
    return this.#db
  }

  get<R>(text: string, ...values: SQLInputValue[]): R | undefined {
    return this.#prepare(text).get(...values) as R | undefined
  }

  all<R>(text: string, ...values: SQLInputValue[]): R[] {
    return this.#prepare(text).all(...values) as R[]
  }

  /** Runs a change and answers how many rows it met. */
  run(text: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(text).run(...values).changes)
  }

  /** The living hash or list of a key. Throws `wrong_type` when it is something else. */
  collection(key: string, type: number, nowMs: number): Collection | undefined {
    const row = this.get<Collection & { type: number }>(FIND, key, nowMs)
    if (row !== undefined && row.type !== type) throw wrongType()
    return row
  }

  /** A new, empty hash or list in the place of whatever the key held. */
  create(key: string, type: number): Collection {
    const id = ++this.#lastId
    this.run(CREATE, key, type, id)
    return { id, head: 0, tail: 0 }
  }

  /** Refuses a file of another program or of a newer version; marks a new one. */
  #checkOwner(): void {
    const number = (text: string) => Number(Object.values(this.get<object>(text) ?? {})[0] ?? 0)
    const owner = number('PRAGMA application_id')
    const isNew = owner === 0 && number('SELECT count(*) FROM sqlite_schema') === 0
    if (!isNew && owner !== APPLICATION_ID)
      throw new AppError('failed_precondition', 'the file in the KV folder belongs to another program')
    if (number('PRAGMA user_version') > SCHEMA_VERSION)
      throw new AppError('failed_precondition', 'the KV file was written by a newer Snug; start that version')
    if (isNew) this.#db.exec(`PRAGMA application_id=${APPLICATION_ID}; PRAGMA user_version=${SCHEMA_VERSION}`)
  }

  close(): void {
    this.#statements.clear()
    if (this.#db.isOpen) this.#db.close()
  }

  #prepare(text: string): StatementSync {
    const found = this.#statements.get(text)
    if (found !== undefined) return found
    const statement = this.#db.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }
}

export const wrongType = (): AppError => new AppError('wrong_type', 'the key holds a value of another type')

/** Text as it is, bytes as UTF-8 with replacement characters. */
export const toText = (value: KvValue): string =>
  typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8')

export const toBytes = (value: KvValue): Uint8Array =>
  typeof value === 'string' ? new TextEncoder().encode(value) : value
