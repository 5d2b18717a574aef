import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import { allRows, allTypes, failure, PRIMARY_ID, people, type TablesHarness } from './harness.ts'

const counts = (inserted: number, updated: number, unchanged: number) => ({ inserted, updated, unchanged })

/** A table of two numbers that have to differ together, and a text. */
async function pairs({ tables }: TablesHarness) {
  const columns = ['a', 'b'].map((name) => ({ name, type: 'int' as const }))
  const spec = { columns: [...columns, { name: 't', type: 'text' as const, default: 'new' }] }
  return (await tables.create({ ...spec, indexes: [{ kind: 'primary', columns: ['a', 'b'] }] })).id
}

export const upsertCases: readonly Case<TablesHarness>[] = [
  {
    name: 'RDB-41 RDB-42 rows are counted as added, changed and unchanged',
    run: async (h) => {
      const id = await pairs(h)
      await h.tables.insert(id, [
        { a: 1, b: 1, t: 'x' },
        { a: 1, b: 2, t: 'x' },
      ])
      const rows = [
        { a: 1, b: 1, t: 'x' },
        { a: 1, b: 2, t: 'y' },
        { a: 2, b: 1 },
      ]
      assert.deepEqual(await h.tables.upsert(id, rows), counts(1, 1, 1))
      assert.deepEqual(await h.tables.upsert(id, rows), counts(0, 0, 3))
      assert.deepEqual(await allRows(h, id), [
        { a: 1n, b: 1n, t: 'x' },
        { a: 1n, b: 2n, t: 'y' },
        { a: 2n, b: 1n, t: 'new' },
      ])
    },
  },
  {
    name: 'RDB-43 other columns than the key may tell rows apart, with a unique index or without',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create({ ...people, indexes: [PRIMARY_ID, { kind: 'unique', columns: ['name'] }] })
      await tables.insert(id, [
        { name: 'Ann', owner: 'a', age: 1 },
        { name: 'Bob', owner: 'a', age: 2 },
      ])
      const byName = await tables.upsert(id, [{ name: 'Ann', age: 5 }, { name: 'Cy' }], { keys: ['name'] })
      assert.deepEqual(byName, counts(1, 1, 0))
      assert.deepEqual(await tables.upsert(id, [{ owner: 'a', age: 5 }], { keys: ['owner'] }), counts(0, 1, 0))
      assert.deepEqual(await allRows(h, id, ['id', 'name', 'age']), [
        { id: 1n, name: 'Ann', age: 5n },
        { id: 2n, name: 'Bob', age: 5n },
        { id: 3n, name: 'Cy', age: null },
      ])
      const taken = tables.upsert(id, [{ id: 2, name: 'Cy' }])
      assert.equal((await failure(taken)).code, 'already_exists')
    },
  },
  {
    name: 'RDB-44 without a primary key the call has to say what tells rows apart',
    run: async ({ tables }) => {
      const { id } = await tables.create({ columns: [{ name: 'a', type: 'int' }] })
      assert.equal((await failure(tables.upsert(id, [{ a: 1 }]))).code, 'invalid_argument')
      assert.deepEqual(await tables.upsert(id, [{ a: 1 }], { keys: ['a'] }), counts(1, 0, 0))
      assert.equal((await failure(tables.upsert(id, [{}], { keys: ['a'] }))).code, 'invalid_argument')
      assert.equal((await failure(tables.upsert(id, [{ a: null }], { keys: ['a'] }))).code, 'invalid_argument')
    },
  },
  {
    name: 'RDB-45 of rows with the same key in one call the last one counts',
    run: async (h) => {
      const id = await pairs(h)
      await h.tables.insert(id, [{ a: 1, b: 1, t: 'x' }])
      const rows = [
        { a: 1, b: 1, t: 'y' },
        { a: 2, b: 2, t: 'p' },
        { a: '1', b: 1n, t: 'z' },
        { a: 2, b: 2, t: 'q' },
      ]
      assert.deepEqual(await h.tables.upsert(id, rows), counts(1, 1, 0))
      assert.deepEqual(
        (await allRows(h, id, ['t'])).map(({ t }) => t),
        ['z', 'q'],
      )
    },
  },
  {
    name: 'RDB-46 rows that consist of their key only are added or left alone',
    run: async (h) => {
      const id = await pairs(h)
      assert.deepEqual(await h.tables.upsert(id, [{ a: 1, b: 1 }]), counts(1, 0, 0))
      assert.deepEqual(
        await h.tables.upsert(id, [
          { a: 1, b: 1 },
          { a: 1, b: 2 },
        ]),
        counts(1, 0, 1),
      )
    },
  },
  {
    name: 'RDB-68 rows without a number in the key that counts by itself are added',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(people)
      assert.deepEqual(await tables.upsert(id, [{ name: 'a' }, { name: 'b' }, { id: 50, name: 'c' }]), counts(3, 0, 0))
      assert.deepEqual(
        await tables.upsert(id, [
          { id: 50, name: 'd' },
          { id: null, name: 'e' },
        ]),
        counts(1, 1, 0),
      )
      assert.deepEqual((await allRows(h, id)).length, 4)
    },
  },
  {
    name: 'RDB-69 equal values of every type count as unchanged, and a wrong one undoes the call',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(allTypes)
      const row = {
        id: 1,
        i: '5',
        b: 2n ** 60n,
        v: 'x',
        t: 'y',
        f: 'true',
        j: '{"a":1}',
        s: '2024-01-01',
        r: 0.1,
        d: '0.10',
      }
      assert.deepEqual(await tables.upsert(id, [row]), counts(1, 0, 0))
      assert.deepEqual(await tables.upsert(id, [row]), counts(0, 0, 1))
      assert.deepEqual(await tables.upsert(id, [{ ...row, d: 0.2 }]), counts(0, 1, 0))
      assert.equal(
        (
          await failure(
            tables.upsert(id, [
              { ...row, d: 0.3 },
              { id: 2, i: 'x' },
            ]),
          )
        ).code,
        'wrong_type',
      )
      assert.deepEqual(await allRows(h, id, ['d']), [{ d: 0.2 }])
    },
  },
  {
    name: 'RDB-70 thousands of rows are told apart by their keys',
    run: async (h) => {
      const id = await pairs(h)
      const rows = Array.from({ length: 3_000 }, (_, i) => ({ a: i % 50, b: Math.floor(i / 50), t: `${i}` }))
      assert.deepEqual(await h.tables.upsert(id, rows), counts(3_000, 0, 0))
      const changed = rows.map((row, i) => (i % 3 === 0 ? { ...row, t: 'z' } : row))
      assert.deepEqual(await h.tables.upsert(id, changed), counts(0, 1_000, 2_000))
    },
  },
]
