import { statSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AppError, type ErrorCode } from '../../../../base/errors.ts'
import type { IndexSpec } from '../../driver.ts'
import type { FetchedRow, IndexWrite, LoadVisitor, Store, StoredIndex } from '../embedded/store.ts'
import { classify } from './errors.ts'

const FORMAT = 1
/** Rows read in one turn of the event loop. */
const PAGE = 256

export type SqliteStoreOptions = {
  path: string
  sync: 'normal' | 'full'
  /** Called at the end of `close`. */
  onClose(): void
  /** Why it stands in for another provider, for health. */
  degraded?: string | undefined
}

/** The truth in SQLite: calls are synchronous, a transaction takes one turn of the event loop. */
export class SqliteStore implements Store {
  readonly #options: SqliteStoreOptions
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(options: SqliteStoreOptions) {
    this.#options = options
    this.#db = new DatabaseSync(options.path)
    try {
      this.#db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=${options.sync}; PRAGMA busy_timeout=5000`)
      const { user_version: format = 0 } = this.#db.prepare('PRAGMA user_version').get() ?? {}
      if (Number(format) > FORMAT)
        throw new AppError('failed_precondition', 'the search file was written by a newer Snug; use that version')
      // Nothing is written to a file that is in order: it can be opened on a full disk.
      if (Number(format) === 0)
        this.#db.exec(`CREATE TABLE IF NOT EXISTS indexes(num INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
          spec TEXT NOT NULL, text_fields TEXT NOT NULL); PRAGMA user_version=${FORMAT}`)
    } catch (err) {
      this.#db.close()
      throw err
    }
  }

  async list(): Promise<StoredIndex[]> {
    const rows = this.#all('SELECT num, name, spec, text_fields FROM indexes ORDER BY num', [])
    return rows.map((row) => ({
      num: Number(row.num),
      name: String(row.name),
      spec: JSON.parse(String(row.spec)) as IndexSpec,
      textFields: JSON.parse(String(row.text_fields)) as string[],
    }))
  }

  async create(index: StoredIndex): Promise<void> {
    const { num } = index
    this.#transaction(() => {
      this.#db.exec(`CREATE TABLE docs_${num}(seq INTEGER PRIMARY KEY, id TEXT NOT NULL, vals TEXT NOT NULL,
        fields TEXT NOT NULL, words BLOB NOT NULL, vector BLOB);
        CREATE TABLE terms_${num}(num INTEGER PRIMARY KEY, word TEXT NOT NULL)`)
      this.#run('INSERT INTO indexes(num, name, spec, text_fields) VALUES(?, ?, ?, ?)', [
        num,
        index.name,
        JSON.stringify(index.spec),
        JSON.stringify(index.textFields),
      ])
    })
  }

  async extend(index: StoredIndex): Promise<void> {
    const values = [JSON.stringify(index.spec), JSON.stringify(index.textFields), index.num]
    this.#run('UPDATE indexes SET spec = ?, text_fields = ? WHERE num = ?', values)
  }

  async drop({ num }: StoredIndex): Promise<void> {
    this.#transaction(() => {
      this.#db.exec(`DROP TABLE docs_${num}; DROP TABLE terms_${num}`)
      this.#run('DELETE FROM indexes WHERE num = ?', [num])
    })
    for (const sql of this.#statements.keys()) if (sql.includes(`_${num} `)) this.#statements.delete(sql)
  }

  async load({ num }: StoredIndex, visit: LoadVisitor): Promise<void> {
    const terms = this.#all(`SELECT num, word FROM terms_${num} `, [])
    visit.terms(terms.map((row) => ({ num: Number(row.num), word: String(row.word) })))
    for (let after = 0; ; ) {
      await nextTurn()
      const sql = `SELECT seq, id, vals, words, vector FROM docs_${num} WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`
      const rows = this.#all(sql, [after])
      visit.rows(
        rows.map((row) => ({
          seq: Number(row.seq),
          id: String(row.id),
          values: String(row.vals),
          words: row.words as Uint8Array,
          vector: row.vector as Uint8Array | null,
        })),
      )
      if (rows.length < PAGE) return
      after = Number(rows.at(-1)?.seq)
    }
  }

  async commit(writes: readonly IndexWrite[]): Promise<void> {
    this.#transaction(() => {
      for (const { index, rows, dead, terms } of writes) {
        for (const seq of dead) this.#run(`DELETE FROM docs_${index.num} WHERE seq = ?`, [seq])
        for (const { num, word } of terms) this.#run(`INSERT INTO terms_${index.num} VALUES(?, ?)`, [num, word])
        const sql = `INSERT INTO docs_${index.num} (seq, id, vals, fields, words, vector) VALUES(?, ?, ?, ?, ?, ?)`
        for (const { seq, id, values, fields, words, vector } of rows)
          this.#run(sql, [seq, id, values, fields, words, vector])
      }
    })
  }

  async fetch({ num }: StoredIndex, seqs: readonly number[], o: { vectors: boolean }): Promise<FetchedRow[]> {
    const sql = `SELECT id, fields${o.vectors ? ', vector' : ''} FROM docs_${num} WHERE seq = ?`
    return seqs.flatMap((seq) =>
      this.#all(sql, [seq]).map((row) => ({
        seq,
        id: String(row.id),
        fields: String(row.fields),
        vector: (row.vector ?? null) as Uint8Array | null,
      })),
    )
  }

  /** Deleted rows are gone already. */
  async tidy(): Promise<void> {}

  async health() {
    this.#all('SELECT count(*) FROM indexes', [])
    const sizeBytes = this.#options.path === ':memory:' ? 0 : statSync(this.#options.path).size
    const found = { engine: 'SQLite', checks: { sizeBytes } }
    const { degraded } = this.#options
    return degraded === undefined
      ? { status: 'up' as const, ...found }
      : { status: 'degraded' as const, error: degraded, ...found }
  }

  codeOf(err: unknown): ErrorCode {
    return classify(err)
  }

  async close(): Promise<void> {
    this.#statements.clear()
    this.#db.close()
    this.#options.onClose()
  }

  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#db.exec('COMMIT')
    } catch (err) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw err
    }
  }

  #run(sql: string, values: (string | number | Uint8Array | null)[]): void {
    this.#prepare(sql).run(...values)
  }

  #all(sql: string, values: (string | number)[]) {
    return this.#prepare(sql).all(...values)
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
