import assert from 'node:assert/strict'
import { sql } from 'kysely'
import type { Case } from '../../../base/conformance.ts'
import { contains, insertBatches } from '../db.ts'
import { type DbHarness, item, type TestDb, type TestTx, withItems } from './harness.ts'

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
const findByName = async (db: TestDb, text: string) =>
  idsOf(await db.selectFrom('item').select('id').where(contains('name', text)).orderBy('id').execute())

/** What a query means, the same on every dialect. */
export const queryCases: readonly Case<DbHarness>[] = [
  {
    name: 'DB-02 a constant arrives by query, first and stream',
    run: async ({ database: { db } }) => {
      const one = sql<{ one: number }>`select 1 as one`
      assert.deepEqual((await one.execute(db)).rows, [{ one: 1 }])
      const rows: unknown[] = []
      for await (const row of db.selectNoFrom(sql`1`.as('one')).stream()) rows.push(row)
      assert.deepEqual(rows, [{ one: 1 }])
    },
  },
  {
    name: 'DB-17 first without a row is undefined',
    run: async (h) => {
      const db = await withItems(h)
      assert.equal(await db.selectFrom('item').selectAll().where('id', '=', '1').executeTakeFirst(), undefined)
    },
  },
  {
    name: 'DB-18 a batch far beyond the limit of variables is inserted',
    run: async (h) => {
      const db = await withItems(h)
      const rows = Array.from({ length: 12_000 }, (_, i) => item(i + 1))
      for (const batch of insertBatches(rows)) {
        assert.ok(batch.length * 6 <= 30_000)
        await db.insertInto('item').values(batch).execute()
      }
      const row = await db
        .selectFrom('item')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .executeTakeFirst()
      assert.equal(row?.n, 12_000)
    },
  },
  {
    name: 'DB-20 no rows make no batch',
    run: async () => assert.deepEqual([...insertBatches([])], []),
  },
  {
    name: 'DB-21 a second row with the same key is already_exists and names the columns',
    run: async (h) => {
      const db = await withItems(h)
      await db.insertInto('item').values(item(1)).execute()
      for (const [row, column] of [
        [item(1, { name: 'other' }), 'id'],
        [item(2, { name: 'item 1' }), 'name'],
      ] as const)
        await assert.rejects(db.insertInto('item').values(row).execute(), (err: Record<string, unknown>) => {
          assert.equal(err.code, 'already_exists')
          assert.match(JSON.stringify(err.details), new RegExp(column))
          assert.doesNotMatch(String(err.message), /insert into/i)
          return true
        })
    },
  },
  {
    name: 'DB-22 an upsert names its target: update all, update some, do nothing',
    needs: 'upsert.target',
    run: async (h) => {
      const db = await withItems(h)
      await db
        .insertInto('item')
        .values(item(1, { hits: 1 }))
        .execute()
      const again = db.insertInto('item').values(item(1, { name: 'new', hits: 9 }))
      const read = () => db.selectFrom('item').select(['name', 'hits']).executeTakeFirst()
      await again.onConflict((oc) => oc.column('id').doNothing()).execute()
      assert.deepEqual(await read(), { name: 'item 1', hits: 1 })
      await again.onConflict((oc) => oc.column('id').doUpdateSet({ hits: (eb) => eb.ref('excluded.hits') })).execute()
      assert.deepEqual(await read(), { name: 'item 1', hits: 9 })
      const clash = db.insertInto('item').values(item(2, { name: 'item 1' }))
      await assert.rejects(clash.onConflict((oc) => oc.column('id').doNothing()).execute(), { code: 'already_exists' })
    },
  },
  {
    name: 'DB-24 an upsert keeps the primary key of the row it finds',
    needs: 'upsert.target',
    run: async (h) => {
      const db = await withItems(h)
      await db.insertInto('item').values(item(1)).execute()
      await db
        .insertInto('item')
        .values(item(2, { name: 'item 1', hits: 5 }))
        .onConflict((oc) => oc.column('name').doUpdateSet({ hits: 5 }))
        .execute()
      assert.deepEqual(await db.selectFrom('item').select(['id', 'hits']).execute(), [{ id: '1', hits: 5 }])
    },
  },
  {
    name: 'DB-22 returning gives the stored row, mapped',
    needs: 'returning',
    run: async (h) => {
      const db = await withItems(h)
      const row = item(7, { is_open: true, meta_json: { a: 1 } })
      assert.deepEqual(await db.insertInto('item').values(row).returningAll().execute(), [row])
      const updated = await db.updateTable('item').set({ hits: 3 }).returning(['id', 'hits']).execute()
      assert.deepEqual(updated, [{ id: '7', hits: 3 }])
    },
  },
  {
    name: 'DB-25 an update to the same value counts as matched, DB-26 one without a match as none',
    run: async (h) => {
      const db = await withItems(h)
      await db
        .insertInto('item')
        .values(item(1, { hits: 4 }))
        .execute()
      const set = db.updateTable('item').set({ hits: 4 })
      assert.equal((await set.where('id', '=', '1').executeTakeFirst()).numUpdatedRows, 1n)
      assert.equal((await set.where('id', '=', '2').executeTakeFirst()).numUpdatedRows, 0n)
      assert.equal((await db.deleteFrom('item').executeTakeFirst()).numDeletedRows, 1n)
    },
  },
  {
    name: 'DB-27 50 parallel increments add up',
    run: async (h) => {
      const db = await withItems(h)
      await db.insertInto('item').values(item(1)).execute()
      const add = () =>
        db
          .updateTable('item')
          .set((eb) => ({ hits: eb('hits', '+', 1) }))
          .execute()
      await Promise.all(Array.from({ length: 50 }, add))
      assert.equal((await db.selectFrom('item').select('hits').executeTakeFirst())?.hits, 50)
    },
  },
  {
    name: 'DB-37 contains finds text in any ASCII case, DB-38 and takes % _ and ! literally',
    run: async (h) => {
      const db = await withItems(h)
      const names = ['xabcx', '中文ABC', '100% sure', '100 sure', 'a_b', 'axb', 'wow!', 'back\\slash']
      await db
        .insertInto('item')
        .values(names.map((name, i) => item(i + 1, { name })))
        .execute()
      assert.deepEqual(await findByName(db, 'ABC'), ['1', '2'])
      assert.deepEqual(await findByName(db, '0%'), ['3'])
      assert.deepEqual(await findByName(db, 'a_b'), ['5'])
      assert.deepEqual(await findByName(db, 'w!'), ['7'])
      assert.deepEqual(await findByName(db, '\\'), ['8'])
      assert.deepEqual(await findByName(db, "'; drop table item; --"), [])
      assert.equal((await findByName(db, '')).length, names.length)
    },
  },
  {
    name: 'DB-39 an empty IN list matches nothing, and NOT IN everything',
    run: async (h) => {
      const db = await withItems(h)
      await db
        .insertInto('item')
        .values([item(1), item(2)])
        .execute()
      assert.deepEqual(await db.selectFrom('item').selectAll().where('id', 'in', []).execute(), [])
      assert.equal((await db.selectFrom('item').selectAll().where('id', 'not in', []).execute()).length, 2)
      assert.deepEqual(await db.selectFrom('item').select('id').where('id', 'in', ['2', '3']).execute(), [{ id: '2' }])
    },
  },
  {
    name: 'DB-40 NULL comes first ascending and last descending',
    run: async (h) => {
      const db = await withItems(h)
      await db
        .insertInto('item')
        .values([item(1, { hits: 1 }), item(2, { hits: null }), item(3, { hits: -1 })])
        .execute()
      assert.deepEqual(idsOf(await db.selectFrom('item').select('id').orderBy('hits').execute()), ['2', '3', '1'])
      assert.deepEqual(idsOf(await db.selectFrom('item').select('id').orderBy('hits', 'desc').execute()), [
        '1',
        '3',
        '2',
      ])
    },
  },
  {
    name: 'DB-41 a stream that is left early is closed, and writes go on beside it',
    run: async (h) => {
      const db = await withItems(h)
      for (const batch of insertBatches(Array.from({ length: 3000 }, (_, i) => item(i + 1))))
        await db.insertInto('item').values(batch).execute()
      let seen = 0
      for await (const row of db.selectFrom('item').selectAll().orderBy('id').stream(50)) {
        assert.equal(row.id, String(++seen))
        if (seen === 100) await db.updateTable('item').set({ hits: 1 }).execute()
        if (seen === 200) break
      }
      assert.equal((await db.deleteFrom('item').executeTakeFirst()).numDeletedRows, 3000n)
    },
  },
  {
    name: 'DB-41 a stream inside a transaction sees its own rows',
    run: async (h) => {
      await withItems(h)
      await h.database.transaction(async (outer) => {
        const tx = outer as unknown as TestTx
        await tx
          .insertInto('item')
          .values([item(1), item(2), item(3)])
          .execute()
        const seen: string[] = []
        for await (const { id } of tx.selectFrom('item').select('id').orderBy('id').stream(2)) seen.push(id)
        assert.deepEqual(seen, ['1', '2', '3'])
      })
    },
  },
  {
    name: 'DB-44 a question mark in a literal or comment is not a parameter',
    run: async ({ database: { db } }) => {
      const { rows } = await sql`select '?' as mark, ${5} as n /* ? */`.execute(db)
      assert.deepEqual(rows, [{ mark: '?', n: 5 }])
    },
  },
  {
    name: 'DB-52 a counter column counts up and never gives a number twice',
    run: async (h) => {
      const db = await withItems(h)
      const add = () =>
        db
          .insertInto('counter')
          .values({ topic: 't' } as never)
          .execute()
      await add()
      await add()
      await db.deleteFrom('counter').execute()
      await add()
      const ids = idsOf(await db.selectFrom('counter').select('id').execute())
      assert.equal(ids.length, 1)
      assert.ok(Number(ids[0]) >= 3)
    },
  },
  {
    name: 'DB-46 SQL can look into JSON',
    needs: 'json_extract',
    run: async (h) => {
      const db = await withItems(h)
      await db
        .insertInto('item')
        .values([item(1, { meta_json: { a: { b: 5 } } }), item(2)])
        .execute()
      const where = sql<boolean>`json_extract(meta_json, '$.a.b') = ${5}`
      assert.deepEqual(await db.selectFrom('item').select('id').where(where).execute(), [{ id: '1' }])
    },
  },
  {
    name: 'DB-47 full-text search matches, ranks and reports a malformed query as the caller’s mistake',
    needs: 'fts5',
    run: async ({ database: { db } }) => {
      await sql`create virtual table page using fts5(body)`.execute(db)
      await sql`insert into page(body) values ('the quick brown fox'), ('a lazy dog'), ('fox fox fox')`.execute(db)
      const { rows } = await sql`select body from page where page match ${'fox'} order by rank`.execute(db)
      assert.deepEqual(rows, [{ body: 'fox fox fox' }, { body: 'the quick brown fox' }])
      await assert.rejects(sql`select body from page where page match ${'"open'}`.execute(db), {
        code: 'invalid_argument',
      })
    },
  },
  {
    name: 'DB-21 a wrong statement is internal and its text stays out of the message',
    run: async ({ database: { db } }) => {
      await assert.rejects(sql`select secret_column from nowhere`.execute(db), (err: Error & { code?: string }) => {
        assert.equal(err.code, 'internal')
        return !err.message.includes('nowhere') && !err.message.includes('secret')
      })
    },
  },
]
