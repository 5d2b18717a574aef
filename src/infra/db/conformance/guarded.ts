import assert from 'node:assert/strict'
import { sql } from 'kysely'
import type { Case } from '../../../base/conformance.ts'
import type { GuardedStatement, GuardedWrite, SqlValue } from '../driver.ts'
import { type DbHarness, item, withItems } from './harness.ts'

const ALL: readonly GuardedWrite[] = ['insert', 'update', 'delete']

type Grants = GuardedStatement['tables']
type Extra = Partial<GuardedStatement>

const statement = (text: string, tables: Grants, extra: Extra = {}): GuardedStatement => ({
  sql: text,
  parameters: [],
  tables,
  maxRows: 100,
  maxBytes: 1_000_000,
  timeoutMs: 20_000,
  ...extra,
})

/** Two tables with rows; `run` may read `item` and `write` may change it. */
async function prepared({ database }: DbHarness) {
  const db = await withItems({ database })
  await db
    .insertInto('item')
    .values([item(1), item(2), item('9223372036854775807')])
    .execute()
  await sql`insert into counter (topic) values ('secret')`.execute(db)
  const run = (text: string, extra: Extra = {}) => database.guarded(statement(text, { item: [] }, extra))
  const write = (text: string, grants = ALL) => database.guarded(statement(text, { item: grants }))
  return { database, db, run, write }
}

/** What reaches beyond one granted table, in words that every dialect knows or refuses as unknown. */
const REACHING = [
  'select * from counter',
  'select count(*) from counter',
  'select 1 where exists (select 1 from "COUNTER")',
  'with counter as (select 1 as x) select count(*) from counter, (select count(*) from main.counter)',
  'select (select max(topic) from counter) from item',
  'select * from item where id in (select id from counter)',
  'with c as (select * from counter) select * from c',
  'select * from item union all select * from counter',
  'select * from nowhere',
  'insert into item (id, name) values (7, (select topic from counter))',
  'update item set name = (select topic from counter)',
  'delete from counter',
  'drop table item',
  'create table x (id integer)',
  'alter table item add column x integer',
  'begin',
  'commit',
  'rollback',
  'explain select * from item',
  "select load_extension('x')",
]

export const guardedCases: readonly Case<DbHarness>[] = [
  {
    name: 'DB-60 a guarded statement gives columns with their origin, and values as they are stored',
    needs: 'guarded',
    run: async (h) => {
      const { run } = await prepared(h)
      const all = await run('select id, name as label, count(*) over () as n, 0.5 as half from item order by id')
      const [id, label, n] = all.columns
      assert.deepEqual([id?.table, id?.column, id?.name], ['item', 'id', 'id'])
      assert.deepEqual([label?.table, label?.column, label?.name], ['item', 'name', 'label'])
      assert.deepEqual([n?.table, n?.column, n?.name], [null, null, 'n'])
      const rows: SqlValue[][] = [
        [1n, 'item 1', 3n, 0.5],
        [2n, 'item 2', 3n, 0.5],
        [9223372036854775807n, 'item 9223372036854775807', 3n, 0.5],
      ]
      assert.deepEqual(all.rows, rows)
      assert.deepEqual([all.affected, all.truncated], [0, false])
    },
  },
  {
    name: 'DB-61 its parameters are values',
    needs: 'guarded',
    run: async (h) => {
      const { run, database } = await prepared(h)
      const mark = database.dialect === 'postgres' ? '$1' : '?'
      const find = async (value: SqlValue) =>
        (await run(`select id from item where name = ${mark}`, { parameters: [value] })).rows
      assert.deepEqual(await find('item 2'), [[2n]])
      assert.deepEqual(await find("x' or '1'='1"), [])
    },
  },
  {
    name: 'DB-62 it reaches nothing that was not granted, and says so with a code',
    needs: 'guarded',
    run: async (h) => {
      const { db, run, write } = await prepared(h)
      for (const text of REACHING)
        for (const call of [run, write])
          await assert.rejects(call(text), (err: { code?: string; message?: string }) => {
            assert.match(String(err.code), /^(permission_denied|invalid_argument|internal)$/, `${text}: ${err.message}`)
            return true
          })
      assert.equal((await db.selectFrom('item').selectAll().execute()).length, 3)
      assert.equal((await db.selectFrom('counter').selectAll().execute()).length, 1)
    },
  },
  {
    name: 'DB-70 it may use sub-queries, common table expressions, windows and plain functions',
    needs: 'guarded',
    run: async (h) => {
      const { run } = await prepared(h)
      const texts = [
        'with c as (select * from item) select count(*) from c',
        'with recursive n(x) as (select 1 union all select x + 1 from n where x < 3) select count(*) from n',
        'with c as (select 1 as x union all select 2 union all select 3) select count(*) from c, (select 1 as y) as z',
        'select count(*) from (select row_number() over (order by id) as place from item) as t where place > 0',
        "select count(*) from item where lower(name) like '%item%' and coalesce(hits, 0) = 0",
      ]
      for (const text of texts) assert.deepEqual((await run(text)).rows, [[3n]], text)
    },
  },
  {
    name: 'DB-63 only one statement runs',
    needs: 'guarded',
    run: async (h) => {
      const { db, run, write } = await prepared(h)
      const texts = ['select 1; drop table item', 'select 1; select 2', 'delete from item; delete from item']
      for (const text of texts) for (const call of [run, write]) await assert.rejects(call(text))
      assert.equal((await db.selectFrom('item').selectAll().execute()).length, 3)
      assert.deepEqual((await run('select 1;')).rows, [[1n]])
    },
  },
  {
    name: 'DB-64 it writes only what was granted, and counts the rows',
    needs: 'guarded',
    run: async (h) => {
      const { db, run, write } = await prepared(h)
      const texts = ["insert into item (id, name) values (5, 'five')", 'update item set hits = 7', 'delete from item']
      for (const text of texts) await assert.rejects(run(text), { code: 'permission_denied' })
      for (const [at, text] of texts.entries()) {
        const others = ALL.filter((_, i) => i !== at)
        await assert.rejects(write(text, others), { code: 'permission_denied' })
      }
      assert.equal((await write("insert into item (id, name, hits) values (5, 'five', 0)")).affected, 1)
      assert.equal((await write('update item set hits = 7 where id < 3')).affected, 2)
      assert.equal((await write('delete from item where id = 2')).affected, 1)
      const rows = await db.selectFrom('item').select(['id', 'hits']).orderBy('id').execute()
      const expected = [
        { id: '1', hits: 7 },
        { id: '5', hits: 0 },
        { id: '9223372036854775807', hits: 0 },
      ]
      assert.deepEqual(rows, expected)
    },
  },
  {
    name: 'DB-65 a write that fails leaves nothing',
    needs: 'guarded',
    run: async (h) => {
      const { db, write } = await prepared(h)
      const twice = write("insert into item (id, name, hits) values (5, 'five', 0), (6, 'item 1', 0)")
      await assert.rejects(twice, { code: 'already_exists' })
      assert.equal((await db.selectFrom('item').selectAll().execute()).length, 3)
    },
  },
  {
    name: 'DB-66 rows beyond a limit are left out, and the result says so',
    needs: 'guarded',
    run: async (h) => {
      const { run } = await prepared(h)
      const two = await run('select id from item order by id', { maxRows: 2 })
      assert.deepEqual([two.rows.length, two.truncated], [2, true])
      const three = await run('select id from item order by id', { maxRows: 3 })
      assert.deepEqual([three.rows.length, three.truncated], [3, false])
      const small = await run('select name from item order by id', { maxBytes: 15 })
      assert.deepEqual([small.rows.length, small.truncated], [2, true])
    },
  },
  {
    name: 'DB-67 inside a transaction it sees what is committed, and does not write',
    needs: 'guarded',
    run: async (h) => {
      const { database, db, run, write } = await prepared(h)
      if (!database.features.has('readers')) return
      await database.transaction(async () => {
        await assert.rejects(write('delete from item'), { code: 'failed_precondition' })
        assert.deepEqual((await run('select count(*) from item')).rows, [[3n]])
      })
      assert.equal((await db.selectFrom('item').selectAll().execute()).length, 3)
    },
  },
  {
    name: 'DB-68 writes of both kinds at the same time wait for each other',
    needs: 'guarded',
    run: async (h) => {
      const { database, db, write } = await prepared(h)
      const writes = Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0
          ? write('update item set hits = hits + 1 where id = 1')
          : database.transaction((tx) => sql`update item set hits = hits + 1 where id = 1`.execute(tx)),
      )
      await Promise.all(writes)
      const row = await db.selectFrom('item').select('hits').where('id', '=', '1').executeTakeFirstOrThrow()
      assert.equal(row.hits, 20)
    },
  },
  {
    name: 'DB-69 a statement that does not end is stopped, by its time limit or by its caller',
    needs: 'guarded.timeout',
    run: async (h) => {
      const { database, db, run } = await prepared(h)
      const endless = 'with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n'
      const write = `update item set hits = (${endless})`
      await assert.rejects(run(endless, { timeoutMs: 50 }), { code: 'deadline_exceeded' })
      const updating = database.guarded(statement(write, { item: ALL }, { timeoutMs: 50 }))
      await assert.rejects(updating, { code: 'deadline_exceeded' })
      const abort = new AbortController()
      const aborted = database.guarded(statement(endless, { item: [] }), { signal: abort.signal })
      setTimeout(() => abort.abort(), 20)
      await assert.rejects(aborted, { code: 'canceled' })
      await db.updateTable('item').set({ hits: 1 }).execute()
      assert.deepEqual((await run('select sum(hits) from item')).rows, [[3n]])
    },
  },
]
