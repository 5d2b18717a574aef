import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Corpus } from '../../../../bench/corpus.ts'
import { handbooks } from '../../../../test-kit/documents.ts'
import { milvusPlace, type Place, searchPlace, TEXT_SERVERS } from '../../../../test-kit/search-servers.ts'
import { service } from '../../../../test-kit/services.ts'
import { openEmbedding } from '../../embedding/open.ts'
import { openSearch } from '../open.ts'
import type { Search, SearchDocument, SearchRequest } from '../search.ts'

const DIMS = 64
const TOP = 10
/** What is stored under one name, and what is asked of it. */
type Corpora = Readonly<Record<string, { docs: SearchDocument[]; questions: string[] }>>

/** Passages of handbooks in English and Chinese with the questions that people ask, and words as uneven as those of real text. */
async function corpora(): Promise<Corpora> {
  const embedding = await openEmbedding(`hash:?dims=${DIMS}`)
  const embedded = async (texts: readonly string[]): Promise<SearchDocument[]> => {
    const vectors = await embedding.embed([...texts], { kind: 'document' })
    return texts.map((content, i) => ({
      id: String(7_000_000_000_000_000_000n + BigInt(i)),
      fields: { content, document_id: String(i % 7) },
      vector: vectors[i] ?? new Float32Array(DIMS),
    }))
  }
  const passages = (name: 'en' | 'zh') => handbooks[name].pages.flatMap((page) => page.split(/\n\n+/))
  const questions = (name: 'en' | 'zh') => handbooks[name].questions.map(({ ask }) => ask)
  const zipf = new Corpus(5)
  const made = Array.from({ length: 500 }, (_, i) => zipf.text(5 + ((i * 37) % 300)))
  try {
    return {
      english: { docs: await embedded(passages('en')), questions: questions('en') },
      chinese: { docs: await embedded(passages('zh')), questions: questions('zh') },
      zipf: { docs: await embedded(made), questions: Array.from({ length: 60 }, (_, i) => zipf.text(1 + (i % 9))) },
    }
  } finally {
    await embedding.close()
  }
}

/** Fills the indexes, with documents replaced and removed, whose words a careless count would still see. */
async function fill(search: Search, all: Corpora): Promise<void> {
  for (const [name, { docs }] of Object.entries(all)) {
    await search.ensureIndex(name, {
      fields: { content: { type: 'text' }, document_id: { type: 'keyword' } },
      vector: { dims: DIMS },
    })
    await search.put(
      name,
      docs.map((doc) => ({ ...doc, fields: { content: `${doc.fields.content} the the of` } })),
    )
    await search.put(name, docs)
    await search.put(
      name,
      docs.slice(0, 40).map((doc) => ({ ...doc, id: `old${doc.id}` })),
    )
    await search.delete(
      name,
      docs.slice(0, 40).map(({ id }) => `old${id}`),
    )
  }
}

const PLACES: readonly {
  name: string
  skip: string | false
  open(): { places: Place[]; uri: string; vector?: string }
}[] = [
  ...TEXT_SERVERS.map((name) => ({
    name: `es on ${name}`,
    skip: service(name).skip,
    open: () => {
      const place = searchPlace(name)
      return { places: [place], uri: place.uri }
    },
  })),
  {
    name: 'duckdb and milvus',
    skip: service('milvus').skip,
    open: () => {
      const place = milvusPlace()
      return { places: [place], uri: 'duckdb://:memory:', vector: place.uri }
    },
  },
]

for (const { name, skip, open } of PLACES)
  test(`${name} ranks as duckdb does`, { skip }, async (t) => {
    const all = await corpora()
    const { places, uri, vector } = open()
    const embedding = await openEmbedding(`hash:?dims=${DIMS}`)
    const duckdb = await openSearch('duckdb://:memory:', { home: '/nowhere' })
    const other = await openSearch(uri, { home: '/nowhere', vector })
    try {
      await Promise.all([fill(duckdb, all), fill(other, all)])
      for (const [index, { questions }] of Object.entries(all)) {
        for (const kind of ['text', 'vector', 'hybrid'] as const) {
          let [asked, shared, ordered, furthest] = [0, 0, 0, 0]
          for (const query of questions) {
            const [meaning] = await embedding.embed([query], { kind: 'query' })
            const request: SearchRequest = {
              ...(kind === 'vector' ? {} : { text: { query } }),
              ...(kind === 'text' || meaning === undefined ? {} : { vector: meaning }),
              limit: TOP,
            }
            const [expected, found] = await Promise.all([duckdb, other].map((one) => one.search(index, request)))
            assert.equal(found?.total, expected?.total, `${index} ${kind}: ${query}`)
            const ids = expected?.hits.map(({ id }) => id) ?? []
            const own = found?.hits.map(({ id }) => id) ?? []
            asked++
            shared += ids.filter((id) => own.includes(id)).length / Math.max(1, ids.length)
            ordered += JSON.stringify(ids) === JSON.stringify(own) ? 1 : 0
            for (const [i, hit] of (expected?.hits ?? []).entries())
              furthest = Math.max(furthest, Math.abs((hit.score ?? 0) - (found?.hits[i]?.score ?? 0)))
          }
          t.diagnostic(
            `${index} ${kind}: ${asked} questions, overlap@${TOP} ${((100 * shared) / asked).toFixed(2)} %, ` +
              `same order ${((100 * ordered) / asked).toFixed(1)} %, scores differ by ${furthest.toExponential(1)}`,
          )
          assert.ok(shared / asked >= 0.999, 'overlap')
          assert.ok(ordered / asked >= 0.95, 'order')
        }
      }
    } finally {
      await duckdb.close()
      await other.close()
      await embedding.close()
      for (const place of places) await place.remove()
    }
  })
