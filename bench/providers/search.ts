import { openEmbedding } from '../../src/infra/embedding/open.ts'
import { openSearch } from '../../src/infra/search/open.ts'
import { Corpus } from '../corpus.ts'
import { percentile } from '../report.ts'
import { type Contest, times } from './contest.ts'

const CHUNKS = 2_000
const DIMS = 256
const QUERIES = 50

export const search: Contest = {
  name: 'search',
  rivals: [{ search: 'elasticsearch' }, { search: 'opensearch' }, { vector: 'milvus' }],
  async measure(env, home) {
    const vectors = env.VECTOR_URI === undefined ? {} : { vector: env.VECTOR_URI }
    const engine = await openSearch(env.SEARCH_URI, { home, warn: () => undefined, ...vectors })
    const embedding = await openEmbedding(`hash:?dims=${DIMS}`)
    const fields = { space_id: { type: 'keyword' }, content: { type: 'text' } } as const
    await engine.ensureIndex('bench', { fields, vector: { dims: DIMS } })
    const corpus = new Corpus(1)
    let putMs = 0
    try {
      for (let from = 0; from < CHUNKS; from += 500) {
        const texts = Array.from({ length: 500 }, () => corpus.text(100))
        const embedded = await embedding.embed(texts)
        const documents = texts.map((content, i) => ({
          id: String(from + i + 1),
          fields: { space_id: '1', content },
          vector: embedded[i] ?? new Float32Array(DIMS),
        }))
        const startedMs = performance.now()
        await engine.put('bench', documents)
        putMs += performance.now() - startedMs
      }
      const asking = new Corpus(99)
      const questions = Array.from({ length: QUERIES }, () => `${asking.word()} ${asking.word()} ${asking.word()}`)
      const asked = await embedding.embed(questions, { kind: 'query' })
      const text = (i: number) => ({ text: { query: questions[i % QUERIES] ?? '' } })
      const vector = (i: number) => ({ vector: asked[i % QUERIES] ?? new Float32Array(DIMS) })
      const find = (request: object) => engine.search('bench', { ...request, limit: 10 })
      const label = `${CHUNKS.toLocaleString('en-US')} chunks`
      return [
        { name: `search put, ${label}`, value: (CHUNKS * 1000) / putMs, unit: 'chunks/s' },
        { name: 'text search p50', value: percentile(await times(QUERIES, (i) => find(text(i))), 0.5), unit: 'ms' },
        { name: 'vector search p50', value: percentile(await times(QUERIES, (i) => find(vector(i))), 0.5), unit: 'ms' },
        {
          name: 'hybrid search p50',
          value: percentile(await times(QUERIES, (i) => find({ ...text(i), ...vector(i) })), 0.5),
          unit: 'ms',
        },
      ]
    } finally {
      await engine.dropIndex('bench')
      await engine.close()
    }
  },
}
