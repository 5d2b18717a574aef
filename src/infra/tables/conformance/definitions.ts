import assert from 'node:assert/strict'
import { sql } from 'kysely'
import type { Case } from '../../../base/conformance.ts'
import type { Tables } from '../tables.ts'
import { ALL_TYPES, allRows, allTypes, failure, PRIMARY_ID, people, single, type TablesHarness } from './harness.ts'

const BAD_NAMES = ['', ' ', 'a b', 'a-b', '1a', 'a;b', 'a"b', "a'b", 'a`b', 'a.b', 'x'.repeat(65), '__proto__', 'a\0']

/** Every method that takes a name of a column, with this one. */
const NAMING: Readonly<Record<string, (tables: Tables, id: string, name: string) => Promise<unknown>>> = {
  create: (tables, _id, name) => tables.create({ columns: [{ name, type: 'int' }] }),
  'create with index': (tables, _id, name) =>
    tables.create({ columns: [{ name: 'a', type: 'int' }], indexes: [{ kind: 'normal', columns: [name] }] }),
  'create with index name': (tables, _id, name) =>
    tables.create({ columns: [{ name: 'a', type: 'int' }], indexes: [{ name, kind: 'normal', columns: ['a'] }] }),
  'rename table': (tables, id, name) => tables.alter(id, [{ op: 'rename_table', name }]),
  'add column': (tables, id, name) => tables.alter(id, [{ op: 'add_column', column: { name, type: 'int' } }]),
  'modify column': (tables, id, name) =>
    tables.alter(id, [{ op: 'modify_column', name, column: { name: 'n', type: 'int' } }]),
  'modify to column': (tables, id, name) =>
    tables.alter(id, [{ op: 'modify_column', name: 'age', column: { name, type: 'int' } }]),
  'rename from': (tables, id, name) => tables.alter(id, [{ op: 'rename_column', from: name, to: 'n' }]),
  'rename to': (tables, id, name) => tables.alter(id, [{ op: 'rename_column', from: 'age', to: name }]),
  'drop column': (tables, id, name) => tables.alter(id, [{ op: 'drop_column', name }]),
  'add index': (tables, id, name) =>
    tables.alter(id, [{ op: 'add_index', index: { kind: 'normal', columns: [name] } }]),
  'drop index': (tables, id, name) => tables.alter(id, [{ op: 'drop_index', name }]),
  insert: (tables, id, name) => tables.insert(id, [{ [name]: 1 }]),
  upsert: (tables, id, name) => tables.upsert(id, [{ id: 1, [name]: 1 }]),
  'upsert keys': (tables, id, name) => tables.upsert(id, [{ id: 1 }], { keys: [name] }),
  'update set': (tables, id, name) => tables.update(id, { [name]: 1 }, 'all_rows'),
  'update where': (tables, id, name) =>
    tables.update(id, { age: 1 }, { conditions: [{ column: name, op: 'is_null' }] }),
  delete: (tables, id, name) => tables.delete(id, { conditions: [{ column: name, op: '=', value: 1 }] }),
  'select columns': (tables, id, name) => tables.select(id, { columns: [name] }),
  'select where': (tables, id, name) =>
    tables.select(id, { where: { conditions: [{ column: name, op: '=', value: 1 }] } }),
  'select order': (tables, id, name) => tables.select(id, { orderBy: [{ column: name }] }),
}

export const definitionCases: readonly Case<TablesHarness>[] = [
  {
    name: 'RDB-01 a table with all types is described as it was created',
    run: async ({ tables }) => {
      const created = await tables.create(allTypes)
      assert.deepEqual(await tables.describe(created.id), created)
      assert.deepEqual(
        created.columns.map(({ name, type }) => ({ name, type })),
        ALL_TYPES.map(({ name, type }) => ({ name, type })),
      )
      assert.deepEqual(
        created.columns.map((column) => column.default && Object.values(column.default)[0]),
        [null, 5n, 9223372036854775807n, "o'k", '', true, { a: [1, 'x'] }, true, 0.5, 1e300],
      )
      assert.deepEqual(created.indexes, [{ name: 'primary', kind: 'primary', columns: ['id'] }])
      assert.equal(created.columns[0]?.required, true)
      assert.equal(created.columns[3]?.length, 10)
    },
  },
  {
    name: 'RDB-02 a table without a name is called by its id',
    run: async ({ tables }) => {
      const { id, name } = await tables.create({ columns: [{ name: 'a', type: 'int' }] })
      assert.equal(name, `table_${id}`)
      assert.match(name, /^table_\d+$/)
    },
  },
  {
    name: 'RDB-03 creating a table that is there does nothing with ifNotExists, and fails without',
    run: async (h) => {
      const { tables } = h
      const first = await tables.create(people, { id: '77' })
      await tables.insert('77', [{ name: 'x' }])
      const again = tables.create({ columns: [{ name: 'a', type: 'int' }] }, { id: '77', ifNotExists: true })
      assert.deepEqual(await again, first)
      assert.equal((await failure(tables.create(people, { id: '77' }))).code, 'already_exists')
      assert.equal((await allRows(h, '77')).length, 1)
    },
  },
  {
    name: 'RDB-04 names that are none are refused by every method',
    run: async ({ tables }) => {
      const { id } = await tables.create(people)
      for (const name of BAD_NAMES)
        for (const [method, call] of Object.entries(NAMING)) {
          if (method === 'create with index name' && name === '') continue
          const { code } = await failure(call(tables, id, name))
          assert.equal(code, 'invalid_argument', `${method} took ${JSON.stringify(name)}`)
        }
      for (const bad of ['', 'x', '1; drop table account', '-1', '1.5', '01'])
        for (const call of [
          () => tables.describe(bad),
          () => tables.drop(bad),
          () => tables.select(bad),
          () => tables.insert(bad, [{}]),
        ])
          assert.equal((await failure(call)).code, 'invalid_argument')
    },
  },
  {
    name: 'RDB-05 a varchar takes 255 characters when no length was given, counted as code points',
    run: async (h) => {
      const { id } = await h.tables.create(single({ name: 'v', type: 'varchar' }))
      await h.tables.insert(id, [{ v: '😀'.repeat(255) }])
      const { code, message } = await failure(h.tables.insert(id, [{ v: '😀'.repeat(256) }]))
      assert.equal(code, 'out_of_range')
      assert.match(message, /row 1: the column "v" takes at most 255 characters/)
      assert.equal((await allRows(h, id)).length, 1)
    },
  },
  {
    name: 'RDB-06 the default of a time is the time of the insert, in UTC',
    run: async (h) => {
      const { id } = await h.tables.create(single({ name: 's', type: 'timestamp', default: { now: true } }))
      await h.tables.insert(id, [{}])
      const [row] = await allRows(h, id)
      assert.match(String(row?.s), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
      assert.ok(Math.abs(Date.parse(`${String(row?.s).replace(' ', 'T')}Z`) - Date.now()) < 5_000)
    },
  },
  {
    name: 'RDB-07 numbers that are given by the table ascend, are never given again, and may be chosen',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(single({ name: 'v', type: 'text' }))
      await tables.insert(id, [{ v: 'a' }, { id: 100, v: 'b' }, { v: 'c' }, { id: null, v: 'd' }])
      await tables.delete(id, { conditions: [{ column: 'v', op: 'in', values: ['c', 'd'] }] })
      await tables.alter(id, [{ op: 'modify_column', name: 'v', column: { name: 'v', type: 'varchar' } }])
      await tables.insert(id, [{ v: 'e' }])
      assert.deepEqual(await allRows(h, id), [
        { id: 1n, v: 'a' },
        { id: 100n, v: 'b' },
        { id: 103n, v: 'e' },
      ])
    },
  },
  {
    name: 'RDB-08 two tables may have indexes of the same name',
    run: async ({ tables }) => {
      const [one, two] = [await tables.create(people), await tables.create(people)]
      assert.deepEqual(one.indexes, two.indexes)
      await tables.alter(one.id, [{ op: 'drop_index', name: 'idx_uid' }])
      assert.equal((await tables.describe(two.id))?.indexes.length, 2)
    },
  },
  {
    name: 'RDB-09 a unique index refuses what is there, and says which column',
    run: async (h) => {
      const { tables } = h
      const spec = single({ name: 'mail', type: 'varchar' })
      const indexes = [PRIMARY_ID, { kind: 'unique', columns: ['mail'] } as const]
      const { id } = await tables.create({ ...spec, indexes })
      await tables.insert(id, [{ mail: 'a' }, { mail: null }, { mail: null }])
      const error = await failure(tables.insert(id, [{ mail: 'b' }, { mail: 'a' }]))
      assert.equal(error.code, 'already_exists')
      assert.deepEqual(error.details, { columns: ['mail'] })
      assert.match(error.message, /"mail"/)
      assert.equal((await allRows(h, id)).length, 3)
    },
  },
  {
    name: 'RDB-16 dropping a table that is not there fails, but not with ifExists',
    run: async (h) => {
      const { tables, database } = h
      const { id } = await tables.create(people)
      await tables.drop(id)
      for (const call of [
        () => tables.drop(id),
        () => tables.select(id),
        () => tables.insert(id, [{}]),
        () => tables.alter(id, []),
      ])
        assert.equal((await failure(call)).code, 'not_found')
      await tables.drop(id, { ifExists: true })
      assert.deepEqual(await database.db.selectFrom('user_column').selectAll().execute(), [])
    },
  },
  {
    name: 'RDB-17 a table that is not there is described as undefined',
    run: async ({ tables }) => assert.equal(await tables.describe('123'), undefined),
  },
  {
    name: 'RDB-60 an empty text as default is there when it is read',
    run: async (h) => {
      const { id } = await h.tables.create(single({ name: 't', type: 'text', required: true, default: '' }))
      await h.tables.insert(id, [{}])
      assert.deepEqual(await allRows(h, id, ['t']), [{ t: '' }])
    },
  },
  {
    name: 'RDB-61 what is wrong with a definition is said before anything is made',
    run: async ({ tables, database }) => {
      const wrong: Parameters<Tables['create']>[0][] = [
        { columns: [] },
        { columns: [{ name: 'a', type: 'money' as 'int' }] },
        { columns: [{ name: 'a', type: 'varchar', length: 0 }] },
        { columns: [{ name: 'a', type: 'int', length: 5 }] },
        { columns: [{ name: 'a', type: 'int', autoIncrement: true }] },
        {
          columns: [{ name: 'a', type: 'varchar', autoIncrement: true }],
          indexes: [{ kind: 'primary', columns: ['a'] }],
        },
        { columns: [{ name: 'a', type: 'json' }], indexes: [{ kind: 'normal', columns: ['a'] }] },
        { columns: [{ name: 'a', type: 'int' }], indexes: [{ kind: 'normal', columns: ['a', 'A'] }] },
        { columns: [{ name: 'a', type: 'int' }], indexes: [{ kind: 'normal', columns: [] }] },
        { columns: Array.from({ length: 201 }, (_, i) => ({ name: `c${i}`, type: 'int' as const })) },
      ]
      for (const spec of wrong) assert.equal((await failure(tables.create(spec))).code, 'invalid_argument')
      const columns = [{ name: 'a', type: 'int', default: 'x' } as const]
      assert.equal((await failure(tables.create({ columns }))).code, 'wrong_type')
      const twice = [{ name: 'ÄB', type: 'int' } as const, { name: 'äb', type: 'int' } as const]
      assert.equal((await failure(tables.create({ columns: twice }))).code, 'already_exists')
      const missing = {
        columns: [{ name: 'a', type: 'int' } as const],
        indexes: [{ kind: 'unique' as const, columns: ['b'] }],
      }
      assert.equal((await failure(tables.create(missing))).code, 'not_found')
      assert.deepEqual(await database.db.selectFrom('user_table').selectAll().execute(), [])
    },
  },
  {
    name: 'RDB-63 a call takes part in the transaction of its caller',
    run: async ({ tables, database }) => {
      const { id } = await tables.create(people)
      const broken = database.transaction(async (tx) => {
        const other = await tables.create(people, { tx })
        await tables.insert(other.id, [{ name: 'x' }], { tx })
        await tables.insert(id, [{ name: 'Ä' }, { name: 'b' }], { tx })
        await failure(tables.insert(id, [{ name: 'c' }, { age: 'x' }], { tx }))
        const like = { conditions: [{ column: 'name', op: 'like', value: 'ä' } as const] }
        assert.equal((await tables.select(id, { where: like }, { tx })).total, 1)
        assert.equal((await tables.update(id, { age: 5 }, 'all_rows', { tx, limit: 1 })).affected, 1)
        assert.deepEqual((await tables.select(id, { columns: ['id', 'age'] }, { tx })).rows, [
          { id: 1n, age: 5n },
          { id: 2n, age: null },
        ])
        assert.equal((await tables.delete(id, like, { tx })).affected, 1)
        await tables.alter(id, [{ op: 'drop_column', name: 'age' }], { tx })
        throw new Error('undo')
      })
      assert.equal((await failure(broken)).message, 'undo')
      assert.equal((await tables.select(id)).total, 0)
      assert.equal((await tables.describe(id))?.columns.length, 7)
      const { rows } = await sql<{ n: number }>`select count(*) as n from user_table`.execute(database.db)
      assert.deepEqual(rows, [{ n: 1 }])
    },
  },
]
