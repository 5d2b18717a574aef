import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryFolder } from '../../../../test-kit/tmp.ts'
import { openSearch } from '../open.ts'
import type { IndexSpec, Search, SearchDocument } from '../search.ts'

const SPEC: IndexSpec = { fields: { title: { type: 'text' }, tag: { type: 'keyword' } }, vector: { dims: 4 } }
const INDEXES = ['a', 'b', 'c']
const ROUNDS = 6
const STEPS = 12

/** What an index should hold. */
type Model = Map<string, SearchDocument>

/** Makes the choices of one run, the same for each seed. */
class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  below(n: number): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647
    return this.#state % n
  }

  ids(most: number): string[] {
    return Array.from({ length: this.below(most) }, () => `d${this.below(150)}`)
  }

  document(id: string): SearchDocument {
    const title = Array.from({ length: 1 + this.below(12) }, () => `w${this.below(200)}`).join(' ')
    const vector = Float32Array.from({ length: 4 }, () => this.below(9) + 1)
    return { id, fields: { title, tag: `t${this.below(4)}` }, ...(this.below(4) > 0 ? { vector } : {}) }
  }
}

async function step(search: Search, index: string, model: Model, dice: Dice): Promise<void> {
  const choice = dice.below(10)
  if (choice < 4) {
    const docs = dice.ids(30).map((id) => dice.document(id))
    for (const doc of docs) model.set(doc.id, doc)
    await search.put(index, docs)
  } else if (choice < 6) {
    const ids = dice.ids(30)
    const there = new Set(ids.filter((id) => model.delete(id))).size
    assert.equal(await search.delete(index, ids), there)
  } else if (choice < 7) {
    const tag = `t${dice.below(4)}`
    const ids = [...model.values()].filter((doc) => doc.fields.tag === tag).map((doc) => doc.id)
    for (const id of ids) model.delete(id)
    assert.equal(await search.deleteWhere(index, { op: 'eq', field: 'tag', value: tag }), ids.length)
  } else if (choice < 9) {
    const changed = [...model.values()].filter(() => dice.below(8) === 0)
    for (const doc of changed) model.set(doc.id, { ...doc, fields: { ...doc.fields, tag: 't9' } })
    await Promise.all(changed.map(({ id }) => search.update(index, id, { fields: { tag: 't9' } })))
  } else if (dice.below(4) === 0) {
    model.clear()
    await search.dropIndex(index)
    await search.ensureIndex(index, SPEC)
  }
}

/** Every way of asking agrees with the model. */
async function check(search: Search, index: string, model: Model, dice: Dice): Promise<void> {
  const found: Model = new Map()
  for await (const doc of search.scan(index)) found.set(doc.id, doc)
  assert.deepEqual(new Map([...found].sort()), new Map([...model].sort()))
  assert.equal(await search.count(index), model.size)
  const word = `w${dice.below(200)}`
  const { hits } = await search.search(index, { text: { query: word }, limit: 1_000 })
  const having = [...model.values()].filter((doc) => String(doc.fields.title).split(' ').includes(word))
  assert.deepEqual(hits.map((hit) => hit.id).sort(), having.map((doc) => doc.id).sort())
  const vectors = [...model.values()].filter((doc) => doc.vector !== undefined)
  assert.equal((await search.search(index, { vector: Float32Array.of(1, 2, 3, 4), limit: 0 })).total, vectors.length)
}

// The smallest cache keeps one index in memory, so that the others are loaded again and again.
for (const uri of ['duckdb://search.db?cache=1b', 'sqlite://search.db?cache=1b']) {
  test(`${uri}: any mixture of calls and restarts leaves what a plain map would hold`, async () => {
    await using folder = await temporaryFolder()
    const models = new Map(INDEXES.map((index): [string, Model] => [index, new Map()]))
    for (let round = 0; round < ROUNDS; round++) {
      const search = await openSearch(uri, { home: folder.path })
      const lanes = [...models].map(async ([index, model], lane) => {
        const dice = new Dice(1 + round * 10 + lane)
        await search.ensureIndex(index, SPEC)
        await check(search, index, model, dice)
        for (let i = 0; i < STEPS; i++) await step(search, index, model, dice)
        await check(search, index, model, dice)
      })
      await Promise.all(lanes)
      await search.close()
    }
  })
}
