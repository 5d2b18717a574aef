import assert from 'node:assert/strict'
import { sql } from 'kysely'
import type { Case } from '../../../base/conformance.ts'
import { type DbHarness, item, withItems } from './harness.ts'

const MAX_ID = '9223372036854775807'

/** What goes in comes out: one case per kind of value. */
export const valueCases: readonly Case<DbHarness>[] = [
  {
    name: 'DB-07 an id of 19 digits round-trips exactly',
    run: async (h) => {
      const db = await withItems(h)
      const id = '7563946286781562881'
      await db
        .insertInto('item')
        .values(item(id, { owner_id: '999' }))
        .execute()
      const row = await db.selectFrom('item').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
      assert.deepEqual(row, item(id, { owner_id: '999' }))
    },
  },
  {
    name: 'DB-08 the greatest 64-bit id is kept and the next one is refused',
    run: async (h) => {
      const db = await withItems(h)
      await db.insertInto('item').values(item(MAX_ID)).execute()
      assert.equal((await db.selectFrom('item').select('id').executeTakeFirst())?.id, MAX_ID)
      await assert.rejects(db.insertInto('item').values(item('9223372036854775808')).execute())
      await assert.rejects(sql`select ${2n ** 63n} as id`.execute(db), { code: 'out_of_range' })
    },
  },
  {
    name: 'DB-08 an integer beyond 2^53 is never rounded',
    run: async (h) => {
      const db = await withItems(h)
      await assert.rejects(sql`select 9007199254740993 as hits`.execute(db), { code: 'out_of_range' })
      await assert.rejects(
        db
          .insertInto('item')
          .values(item(1, { hits: 2 ** 60 }))
          .execute(),
        { code: 'out_of_range' },
      )
      await db
        .insertInto('item')
        .values(item(1, { hits: -9007199254740991 }))
        .execute()
      assert.equal((await db.selectFrom('item').select('hits').executeTakeFirst())?.hits, -9007199254740991)
    },
  },
  {
    name: 'DB-08 a number from 2^63 on is a real, and no integer column takes it',
    run: async (h) => {
      const db = await withItems(h)
      for (const value of [2 ** 63, -1e300])
        await assert.rejects(
          db
            .insertInto('item')
            .values(item(1, { hits: value }))
            .execute(),
        )
      const { rows } = await sql<{ real: number }>`select ${1e300} as "real", ${-(2 ** 63)} as other`.execute(db)
      assert.deepEqual(rows, [{ real: 1e300, other: -(2 ** 63) }])
      assert.deepEqual(await db.selectFrom('item').selectAll().execute(), [])
    },
  },
  {
    name: 'DB-08 reals come back to their last bit, however many digits they have',
    run: async (h) => {
      const reals = [90.31163787841797, -0.1, 5e-324, 1.7976931348623157e308, 123456789.125]
      for (let i = 1; i <= 200; i++) reals.push(Math.fround(i / 7) * 10 ** (i % 9), Math.PI * i)
      const { rows } = await sql<Record<string, number>>`select ${sql.join(
        reals.map(
          (real, i) =>
            sql`${real}${sql.raw(h.database.dialect === 'postgres' ? '::float8' : '')} as ${sql.ref(`r${i}`)}`,
        ),
      )}`.execute(h.database.db)
      assert.deepEqual(Object.values(rows[0] ?? {}), reals)
    },
  },
  {
    name: 'DB-09 columns named is_… are booleans, also as NULL and as a condition',
    run: async (h) => {
      const db = await withItems(h)
      const rows = [item(1, { is_open: true }), item(2, { is_open: false }), item(3, { is_open: null })]
      await db.insertInto('item').values(rows).execute()
      const read = await db.selectFrom('item').select('is_open').orderBy('id').execute()
      assert.deepEqual(read, [{ is_open: true }, { is_open: false }, { is_open: null }])
      assert.deepEqual(await db.selectFrom('item').select('id').where('is_open', '=', true).execute(), [{ id: '1' }])
    },
  },
  {
    name: 'DB-10 objects and arrays in …_json columns come back deep-equal',
    run: async (h) => {
      const db = await withItems(h)
      const meta = { 'a key': [1, 2.5, null, 'ü\n"'], nested: { deep: [{}] }, emoji: '😀' }
      await db
        .insertInto('item')
        .values([item(1, { meta_json: meta }), item(2, { meta_json: [] })])
        .execute()
      const rows = await db.selectFrom('item').select('meta_json').orderBy('id').execute()
      assert.deepEqual(rows, [{ meta_json: meta }, { meta_json: [] }])
    },
  },
  {
    name: 'DB-12 text that is not JSON in a …_json column is reported, not returned',
    run: async (h) => {
      const db = await withItems(h)
      const broken = async () => {
        await db
          .insertInto('item')
          .values(item(1, { meta_json: '{oops' }))
          .execute()
        return db.selectFrom('item').selectAll().execute()
      }
      await assert.rejects(broken(), (err: { code?: string }) => /^(corrupt|invalid_argument)$/.test(err.code ?? ''))
    },
  },
  {
    name: 'DB-12 values that have no SQL form are refused before anything is sent',
    run: async (h) => {
      const db = await withItems(h)
      const bad = [Number.NaN, Number.POSITIVE_INFINITY, new Date(0), undefined, new Map(), Symbol('s')]
      for (const value of bad)
        await assert.rejects(sql`select ${value} as x`.execute(db), { code: 'invalid_argument' }, String(value))
      await assert.rejects(
        db
          .insertInto('item')
          .values(item(1, { name: 'a\0b' }))
          .execute(),
        {
          code: 'invalid_argument',
        },
      )
    },
  },
  {
    name: 'DB-10 bytes round-trip, also as the first parameter',
    run: async (h) => {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
      const { rows } = await sql<{ x: Uint8Array }>`select ${bytes} as x`.execute(h.database.db)
      assert.deepEqual(Uint8Array.from(rows[0]?.x ?? []), bytes)
    },
  },
  {
    name: 'DB-53 text is Unicode and its length counts code points',
    run: async (h) => {
      const db = await withItems(h)
      const name = '中文 é e\u0301 😀 \u202Eright\u202C'
      await db.insertInto('item').values(item(1, { name })).execute()
      assert.equal((await db.selectFrom('item').select('name').where('name', '=', name).executeTakeFirst())?.name, name)
      const { rows } = await sql<{ n: number }>`select length(${'é😀中'}) as n`.execute(db)
      assert.equal(rows[0]?.n, h.database.dialect === 'mysql' ? 9 : 3)
    },
  },
  {
    name: 'DB-02 counts, sums and limits are plain numbers',
    run: async (h) => {
      const db = await withItems(h)
      await db
        .insertInto('item')
        .values([item(1, { hits: 2 }), item(2, { hits: 3 })])
        .execute()
      const row = await db
        .selectFrom('item')
        .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number>('hits').as('hits')])
        .executeTakeFirst()
      assert.deepEqual(row, { count: 2, hits: 5 })
      const page = db.selectFrom('item').select('id').orderBy('id')
      assert.deepEqual(await page.limit(1).offset(1).execute(), [{ id: '2' }])
    },
  },
]
