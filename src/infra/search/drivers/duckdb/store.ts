import {
  BIGINT,
  BLOB,
  blobValue,
  type DuckDBConnection,
  type DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import { AppError, type ErrorCode } from '../../../../base/errors.ts'
import type { IndexSpec } from '../../driver.ts'
import type {
  FetchedRow,
  IndexWrite,
  LoadedRow,
  LoadVisitor,
  Store,
  StoredIndex,
  StoredRow,
} from '../embedded/store.ts'
import { classify } from './errors.ts'
import { Readers } from './readers.ts'
import { append, bytesOf, eachPart, rowsOf } from './rows.ts'

const FORMAT = 1
/** Queries at once, each of which holds a thread of Node's small pool. */
const READERS = 2
/** Ids in one query: DuckDB looks a short list up in the index and scans the table for a long one. */
const LOOKUPS = 500

const DOC_TYPES: readonly DuckDBType[] = [BIGINT, VARCHAR, VARCHAR, VARCHAR, BLOB, BLOB]

export type DuckdbStoreOptions = {
  instance: DuckDBInstance
  /** The size of the file. */
  sizeBytes(): number
  /** Called at the end of `close`. */
  onClose(): void
  /** Dead rows from which on an index may be rewritten. */
  tidyFrom?: number
  /** Rows from which on a table gets an index of its numbers. */
  keyedFrom?: number
}

/** Dead rows of one index, and the number in its table's name: a rewrite makes a new table. */
type Table = { generation: number; rows: number; dead: number; isKeyed: boolean }

/**
 * The truth in DuckDB. Rows are only ever appended: what is replaced or deleted is noted in a table without an index
 * and left out on load, because deleting many rows below an index stops DuckDB for seconds. When more than half of an
 * index is dead it is copied into a new table.
 */
export class DuckdbStore implements Store {
  readonly #options: DuckdbStoreOptions
  readonly #writer: DuckDBConnection
  readonly #probe: DuckDBConnection
  readonly #readers: Readers
  readonly #tables = new Map<number, Table>()

  private constructor(
    options: DuckdbStoreOptions,
    writer: DuckDBConnection,
    probe: DuckDBConnection,
    readers: Readers,
  ) {
    this.#options = options
    this.#writer = writer
    this.#probe = probe
    this.#readers = readers
  }

  /** Connects and makes the tables. On failure the instance is closed and `onClose` not called. */
  static async open(options: DuckdbStoreOptions): Promise<DuckdbStore> {
    try {
      const writer = await options.instance.connect()
      await writer.run('CREATE TABLE IF NOT EXISTS snug_search(format INTEGER)')
      const format = Number((await rowsOf(writer, 'SELECT max(format) FROM snug_search'))[0]?.[0] ?? 0)
      if (format > FORMAT)
        throw new AppError('failed_precondition', 'the search file was written by a newer Snug; use that version')
      if (format === 0) await writer.run(`INSERT INTO snug_search VALUES (${FORMAT})`)
      await writer.run(
        'CREATE TABLE IF NOT EXISTS indexes(num INTEGER, generation INTEGER, name VARCHAR, spec VARCHAR, text_fields VARCHAR)',
      )
      const probe = await options.instance.connect()
      return new DuckdbStore(options, writer, probe, await Readers.open(options.instance, READERS))
    } catch (err) {
      options.instance.closeSync()
      throw err
    }
  }

  async list(): Promise<StoredIndex[]> {
    const rows = await rowsOf(this.#writer, 'SELECT num, generation, name, spec, text_fields FROM indexes ORDER BY num')
    return rows.map(([num, generation, name, spec, textFields]) => {
      this.#tables.set(Number(num), { generation: Number(generation), rows: 0, dead: 0, isKeyed: false })
      return {
        num: Number(num),
        name: String(name),
        spec: JSON.parse(String(spec)) as IndexSpec,
        textFields: JSON.parse(String(textFields)) as string[],
      }
    })
  }

  async create(index: StoredIndex): Promise<void> {
    const { num, name, spec, textFields } = index
    await this.#transaction(async () => {
      await this.#writer.run(createDocs(num, 0))
      await this.#writer.run(`CREATE TABLE dead_${num}_0(seq BIGINT)`)
      await this.#writer.run(`CREATE TABLE terms_${num}(num INTEGER, word VARCHAR)`)
      await this.#writer.run('INSERT INTO indexes VALUES ($1, 0, $2, $3, $4)', [
        num,
        name,
        JSON.stringify(spec),
        JSON.stringify(textFields),
      ])
    })
    this.#tables.set(num, { generation: 0, rows: 0, dead: 0, isKeyed: false })
  }

  async extend({ num, spec, textFields }: StoredIndex): Promise<void> {
    const values = [num, JSON.stringify(spec), JSON.stringify(textFields)]
    await this.#writer.run('UPDATE indexes SET spec = $2, text_fields = $3 WHERE num = $1', values)
  }

  async drop({ num }: StoredIndex): Promise<void> {
    const { generation } = this.#table(num)
    await this.#readers.exclusive(async () => {
      await this.#transaction(async () => {
        await this.#writer.run(`DROP TABLE docs_${num}_${generation}`)
        await this.#writer.run(`DROP TABLE dead_${num}_${generation}`)
        await this.#writer.run(`DROP TABLE terms_${num}`)
        await this.#writer.run('DELETE FROM indexes WHERE num = $1', [num])
      })
      this.#tables.delete(num)
    })
  }

  async load({ num }: StoredIndex, visit: LoadVisitor): Promise<void> {
    const table = this.#table(num)
    const names = `${num}_${table.generation}`
    await this.#readers.use(async (reader) => {
      await eachPart(reader, `SELECT num, word FROM terms_${num}`, ([nums = [], words = []]) => {
        visit.terms(nums.map((n, i) => ({ num: Number(n), word: String(words[i]) })))
      })
      const dead = new Set<number>()
      await eachPart(reader, `SELECT seq FROM dead_${names}`, ([seqs = []]) => {
        for (const seq of seqs) {
          dead.add(Number(seq))
          visit.taken(Number(seq))
        }
      })
      let rows = 0
      await eachPart(reader, `SELECT seq, id, vals, words, vector FROM docs_${names}`, (columns) => {
        const [seqs = [], ids = [], values = [], words = [], vectors = []] = columns
        rows += seqs.length
        const loaded = seqs.map(
          (seq, i): LoadedRow => ({
            seq: Number(seq),
            id: String(ids[i]),
            values: String(values[i]),
            words: bytesOf(words[i]) ?? new Uint8Array(),
            vector: bytesOf(vectors[i]),
          }),
        )
        visit.rows(loaded.filter(({ seq }) => !dead.has(seq)))
      })
      table.rows = rows
      table.dead = dead.size
    })
  }

  async commit(writes: readonly IndexWrite[]): Promise<void> {
    await this.#transaction(async () => {
      for (const { index, rows, dead, terms } of writes) {
        const names = `${index.num}_${this.#table(index.num).generation}`
        await append(this.#writer, `docs_${names}`, DOC_TYPES, rows.map(docColumns))
        await append(
          this.#writer,
          `dead_${names}`,
          [BIGINT],
          dead.map((seq) => [BigInt(seq)]),
        )
        await append(
          this.#writer,
          `terms_${index.num}`,
          [INTEGER, VARCHAR],
          terms.map(({ num, word }) => [num, word]),
        )
      }
    })
    for (const { index, rows, dead } of writes) {
      const table = this.#table(index.num)
      table.rows += rows.length
      table.dead += dead.length
      await this.#key(index.num, table)
    }
  }

  /**
   * A large table gets an index of its numbers, which only grow: the one kind that stays cheap here. It holds a
   * megabyte that DuckDB cannot put aside, so small tables, of which there may be thousands, are scanned instead.
   */
  async #key(num: number, table: Table): Promise<void> {
    const { keyedFrom = 30_000 } = this.#options
    if (table.isKeyed || table.rows < keyedFrom) return
    const name = `docs_${num}_${table.generation}`
    // The rows are written: when this fails, the next commit tries again.
    const made = this.#writer.run(`CREATE UNIQUE INDEX IF NOT EXISTS ${name}_seq ON ${name}(seq)`)
    table.isKeyed = await made.then(
      () => true,
      () => false,
    )
  }

  async fetch(index: StoredIndex, seqs: readonly number[], o: { vectors: boolean }): Promise<FetchedRow[]> {
    const found: FetchedRow[] = []
    for (let i = 0; i < seqs.length; i += LOOKUPS) {
      const list = seqs.slice(i, i + LOOKUPS).join(',')
      const rows = await this.#readers.use(async (reader) => {
        const names = `${index.num}_${this.#table(index.num).generation}`
        // Numbers of our own as literals: binding them costs more than the look-up.
        return rowsOf(
          reader,
          `SELECT seq, id, fields${o.vectors ? ', vector' : ''} FROM docs_${names} WHERE seq IN (${list})`,
        )
      })
      for (const [seq, id, fields, vector] of rows)
        found.push({ seq: Number(seq), id: String(id), fields: String(fields), vector: bytesOf(vector) })
    }
    return found
  }

  async tidy({ num }: StoredIndex): Promise<void> {
    const table = this.#table(num)
    const { tidyFrom = 20_000 } = this.#options
    if (table.dead < tidyFrom || table.dead * 2 < table.rows) return
    const [old, fresh] = [`${num}_${table.generation}`, `${num}_${table.generation + 1}`]
    // Readers that are at work keep their snapshot; the next ones have the new name.
    await this.#readers.exclusive(async () => {
      await this.#transaction(async () => {
        await this.#writer.run(createDocs(num, table.generation + 1))
        await this.#writer.run(
          `INSERT INTO docs_${fresh} SELECT * FROM docs_${old} WHERE seq NOT IN (SELECT seq FROM dead_${old})`,
        )
        await this.#writer.run(`CREATE TABLE dead_${fresh}(seq BIGINT)`)
        await this.#writer.run(`DROP TABLE docs_${old}`)
        await this.#writer.run(`DROP TABLE dead_${old}`)
        await this.#writer.run('UPDATE indexes SET generation = $2 WHERE num = $1', [num, table.generation + 1])
      })
      const rows = table.rows - table.dead
      this.#tables.set(num, { generation: table.generation + 1, rows, dead: 0, isKeyed: false })
    })
  }

  async health() {
    // On a connection of its own: an index that is being loaded is no reason to look dead.
    await this.#probe.run('SELECT 1')
    const dead = [...this.#tables.values()].reduce((sum, table) => sum + table.dead, 0)
    return { status: 'up' as const, engine: 'DuckDB', checks: { sizeBytes: this.#options.sizeBytes(), deadRows: dead } }
  }

  codeOf(err: unknown): ErrorCode {
    return classify(err)
  }

  async close(): Promise<void> {
    await this.#readers.close()
    // Else DuckDB does it while it closes, on the main thread. On a full disk it fails; the log is read at the next start.
    await this.#writer.run('CHECKPOINT').catch(() => {})
    this.#writer.closeSync()
    this.#probe.closeSync()
    this.#options.instance.closeSync()
    this.#options.onClose()
  }

  #table(num: number): Table {
    const table = this.#tables.get(num)
    if (table === undefined) throw new AppError('not_found', 'the index was dropped')
    return table
  }

  async #transaction(work: () => Promise<void>): Promise<void> {
    await this.#writer.run('BEGIN')
    try {
      await work()
      await this.#writer.run('COMMIT')
    } catch (err) {
      // A commit that failed has rolled back by itself.
      await this.#writer.run('ROLLBACK').catch(() => {})
      throw err
    }
  }
}

const createDocs = (num: number, generation: number): string =>
  `CREATE TABLE docs_${num}_${generation}(seq BIGINT, id VARCHAR, vals VARCHAR, fields VARCHAR, words BLOB, vector BLOB)`

const docColumns = ({ seq, id, values, fields, words, vector }: StoredRow): DuckDBValue[] => [
  BigInt(seq),
  id,
  values,
  fields,
  blobValue(words),
  vector === null ? null : blobValue(vector),
]
