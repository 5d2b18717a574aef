import { DatabaseSync } from 'node:sqlite'
import { openEmbedding } from '../../src/infra/embedding/open.ts'
import { openSearch } from '../../src/infra/search/open.ts'
import type { Search } from '../../src/infra/search/search.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'
import { Corpus } from '../corpus.ts'
import { percentile, type Row, type Scenario } from '../report.ts'

const SIZES = [10_000, 100_000]
const DIMS = 256
const QUERIES = 200

/** Text, vector and hybrid search on the lite provider beside SQLite's FTS5 and a plain scan in JavaScript. */
export const search: Scenario = {
  name: 'search',
  run: async (log) => {
    const rows: Row[] = []
    for (const size of SIZES) rows.push(...(await measure(size, log)))
    return rows
  },
}

async function measure(size: number, log: (text: string) => void): Promise<Row[]> {
  await using folder = await temporaryFolder()
  const engine = await openSearch('duckdb://./search.db', { home: folder.path, warn: log })
  const embedding = await openEmbedding(`hash:?dims=${DIMS}`)
  const fields = { space_id: { type: 'keyword' }, content: { type: 'text' } } as const
  await engine.ensureIndex('chunks', { fields, vector: { dims: DIMS } })
  const fts = new DatabaseSync(`${folder.path}/fts.db`)
  fts.exec('PRAGMA journal_mode=WAL; CREATE VIRTUAL TABLE t USING fts5(content)')
  const matrix = new Float32Array(size * DIMS)
  const putMs = await fill(engine, size, { matrix, fts, embedding, log })
  const label = `${size.toLocaleString('en-US')} chunks`

  const corpus = new Corpus(99)
  const questions = Array.from({ length: QUERIES }, () => `${corpus.word()} ${corpus.word()} ${corpus.word()}`)
  const vectors = await embedding.embed(questions, { kind: 'query' })
  const match = fts.prepare('SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT 10')
  const text = (i: number) => ({ text: { query: questions[i % QUERIES] ?? '' } })
  const vector = (i: number) => ({ vector: vectors[i % QUERIES] ?? new Float32Array(DIMS) })
  const find = (request: object) => engine.search('chunks', { ...request, limit: 10 })
  const ftsQuery = (i: number) => (questions[i % QUERIES] ?? '').split(' ').join(' OR ')

  const textMs = await times((i) => find(text(i)))
  const vectorMs = await times((i) => find(vector(i)))
  const hybridMs = await times((i) => find({ ...text(i), ...vector(i) }))
  const ftsMs = await times((i) => match.all(ftsQuery(i)))
  const scanMs = await times((i) => scan(matrix, vector(i).vector), 40)
  const line = (name: string, samples: number[], beside?: [string, number[]], aim?: string): Row[] =>
    (
      [
        [0.5, 'p50'],
        [0.95, 'p95'],
      ] as const
    ).map(([p, tag]) => ({
      name: `${name} ${tag}, ${label}`,
      value: percentile(samples, p),
      unit: 'ms',
      ...(beside ? { against: { name: beside[0], value: percentile(beside[1], p) } } : {}),
      ...(aim !== undefined && p === 0.5 ? { aim } : {}),
    }))
  const rows = [
    { name: `put, ${label}`, value: (size * 1000) / putMs, unit: '/s' },
    ...line('text search', textMs, ['SQLite FTS5', ftsMs]),
    ...line('vector search', vectorMs, ['scan in JavaScript', scanMs]),
    ...line('hybrid search', hybridMs, undefined, size === 10_000 ? '≤ 25 ms' : undefined),
    { name: `memory of the process, ${label}`, value: process.memoryUsage.rss() / 2 ** 20, unit: 'MiB' },
  ]
  fts.close()
  await engine.close()
  return rows
}

type Target = {
  matrix: Float32Array
  fts: DatabaseSync
  embedding: Awaited<ReturnType<typeof openEmbedding>>
  log: (text: string) => void
}

/** Fills all three alike and returns the time that `put` took. */
async function fill(engine: Search, size: number, { matrix, fts, embedding, log }: Target): Promise<number> {
  const corpus = new Corpus(1)
  const insert = fts.prepare('INSERT INTO t(content) VALUES (?)')
  let putMs = 0
  for (let from = 0; from < size; from += 500) {
    const texts = Array.from({ length: 500 }, () => corpus.text(100))
    const vectors = await embedding.embed(texts)
    for (const [i, one] of vectors.entries()) matrix.set(one, (from + i) * DIMS)
    const documents = texts.map((content, i) => ({
      id: String(from + i + 1),
      fields: { space_id: '1', content },
      vector: vectors[i] ?? new Float32Array(DIMS),
    }))
    const startedMs = performance.now()
    await engine.put('chunks', documents)
    putMs += performance.now() - startedMs
    fts.exec('BEGIN')
    for (const content of texts) insert.run(content)
    fts.exec('COMMIT')
    if ((from + 500) % 20_000 === 0) log(`${from + 500} chunks`)
  }
  return putMs
}

async function times(call: (i: number) => unknown, count = QUERIES): Promise<number[]> {
  for (let i = 0; i < 20; i++) await call(i)
  const samples: number[] = []
  for (let i = 0; i < count; i++) {
    const startedMs = performance.now()
    await call(i)
    samples.push(performance.now() - startedMs)
  }
  return samples
}

function scan(matrix: Float32Array, query: Float32Array): number {
  let best = -1
  let at = 0
  for (let row = 0; row < matrix.length / DIMS; row++) {
    let sum = 0
    for (let i = 0; i < DIMS; i++) sum += (matrix[row * DIMS + i] ?? 0) * (query[i] ?? 0)
    if (sum > best) {
      best = sum
      at = row
    }
  }
  return at
}
