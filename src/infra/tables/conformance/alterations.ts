import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import type { AlterStep, CellInput, ColumnType } from '../tables.ts'
import { allRows, failure, people, single, type TablesHarness } from './harness.ts'

export const alterationCases: readonly Case<TablesHarness>[] = [
  {
    name: 'RDB-10 a column is added to a table with rows, with its default',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(single({ name: 'v', type: 'text' }))
      await tables.insert(id, [{ v: 'a' }])
      await tables.alter(id, [
        { op: 'add_column', column: { name: 'n', type: 'int' } },
        { op: 'add_column', column: { name: 'm', type: 'int', default: 7 } },
        { op: 'add_column', column: { name: 'k', type: 'varchar', required: true, default: "it's" } },
        { op: 'add_column', column: { name: 'j', type: 'json', default: ['"'] } },
      ])
      assert.deepEqual(await allRows(h, id), [{ id: 1n, v: 'a', n: null, m: 7n, k: "it's", j: ['"'] }])
    },
  },
  {
    name: 'RDB-11 a new column that is required has the zero of its type in the rows that are there',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(single({ name: 'v', type: 'text' }))
      await tables.insert(id, [{ v: 'a' }])
      const types = ['int', 'varchar', 'text', 'boolean', 'double', 'timestamp', 'json'] as const
      const steps = types.map((type): AlterStep => ({ op: 'add_column', column: { name: type, type, required: true } }))
      await tables.alter(id, steps)
      const [row] = await allRows(h, id, [...types])
      const epoch = '1970-01-01 00:00:00'
      assert.deepEqual(row, { int: 0n, varchar: '', text: '', boolean: false, double: 0, timestamp: epoch, json: null })
      assert.equal((await failure(tables.insert(id, [{ v: 'b' }]))).code, 'invalid_argument')
    },
  },
  {
    name: 'RDB-12 a changed type converts what fits, and nothing changes when something does not',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(single({ name: 'v', type: 'text' }))
      await tables.insert(id, [{ v: '42' }, { v: null }, { v: '9223372036854775807' }])
      const toBigint = () =>
        tables.alter(id, [{ op: 'modify_column', name: 'v', column: { name: 'v', type: 'bigint' } }])
      assert.equal((await toBigint()).columns[1]?.type, 'bigint')
      assert.deepEqual(
        (await allRows(h, id, ['v'])).map(({ v }) => v),
        [42n, null, 9223372036854775807n],
      )
      await tables.alter(id, [{ op: 'modify_column', name: 'v', column: { name: 'v', type: 'text' } }])
      await tables.insert(id, [{ v: 'x' }])
      const before = await tables.describe(id)
      const error = await failure(toBigint())
      assert.equal(error.code, 'conflict')
      assert.match(error.message, /"v"/)
      assert.deepEqual(await tables.describe(id), before)
      assert.deepEqual(
        (await allRows(h, id, ['v'])).map(({ v }) => v),
        ['42', null, '9223372036854775807', 'x'],
      )
    },
  },
  {
    name: 'RDB-13 an indexed column can be dropped; an index without columns goes with it',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create({
        columns: ['a', 'b', 'c'].map((name) => ({ name, type: 'int' })),
        indexes: [
          { name: 'one', kind: 'unique', columns: ['a'] },
          { name: 'two', kind: 'normal', columns: ['a', 'b'] },
        ],
      })
      await tables.insert(id, [{ a: 1, b: 2, c: 3 }])
      const table = await tables.alter(id, [{ op: 'drop_column', name: 'a' }])
      assert.deepEqual(table.indexes, [{ name: 'two', kind: 'normal', columns: ['b'] }])
      assert.deepEqual(await allRows(h, id), [{ b: 2n, c: 3n }])
    },
  },
  {
    name: 'RDB-14 a renamed column keeps its values and indexes',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(people)
      await tables.insert(id, [{ owner: 'a', name: 'x' }])
      const table = await tables.alter(id, [
        { op: 'rename_column', from: 'owner', to: 'swap' },
        { op: 'rename_column', from: 'name', to: 'owner' },
        { op: 'rename_column', from: 'swap', to: 'name' },
        { op: 'rename_table', name: '人们' },
      ])
      assert.equal(table.name, '人们')
      assert.deepEqual(table.indexes[1], { name: 'idx_uid', kind: 'normal', columns: ['name'] })
      assert.deepEqual(await allRows(h, id, ['name', 'owner']), [{ name: 'a', owner: 'x' }])
    },
  },
  {
    name: 'RDB-15 the steps of a change are taken all or none',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(single({ name: 'v', type: 'text' }))
      await tables.insert(id, [{ v: 'x' }])
      const before = await tables.describe(id)
      const steps: AlterStep[] = [
        { op: 'add_column', column: { name: 'n', type: 'int' } },
        { op: 'rename_column', from: 'v', to: 'w' },
      ]
      const last: AlterStep[] = [
        { op: 'drop_column', name: 'nowhere' },
        { op: 'modify_column', name: 'w', column: { name: 'w', type: 'int' } },
        { op: 'add_column', column: { name: 'N', type: 'int' } },
        { op: 'drop_column', name: 'id' },
      ]
      for (const step of last) await failure(tables.alter(id, [...steps, step]))
      assert.deepEqual(await tables.describe(id), before)
      const table = await tables.alter(id, [...steps, { op: 'drop_column', name: 'n' }])
      assert.deepEqual(
        table.columns.map(({ name }) => name),
        ['id', 'w'],
      )
      assert.deepEqual(await allRows(h, id), [{ id: 1n, w: 'x' }])
    },
  },
  {
    name: 'RDB-56 rows and a change that come at the same time follow each other',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(single({ name: 'v', type: 'text' }))
      const change = (i: number): Promise<unknown> =>
        tables.alter(id, [{ op: 'add_column', column: { name: `c${i}`, type: 'int', default: i } }])
      const calls = Array.from({ length: 30 }, (_, i) => {
        if (i % 5 === 4) return change(i)
        return i % 5 === 3 ? tables.update(id, { v: 'y' }, 'all_rows') : tables.insert(id, [{ v: 'x' }, { v: 'z' }])
      })
      await Promise.all([...calls, tables.select(id), tables.select(id)])
      const rows = await allRows(h, id)
      assert.equal(rows.length, 36)
      for (const row of rows) assert.deepEqual([row.c4, row.c9, row.c29], [4n, 9n, 29n])
    },
  },
  {
    name: 'RDB-62 a primary key and required values can come later, where the rows allow it',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create({
        columns: [
          { name: 'a', type: 'int' },
          { name: 'b', type: 'text' },
        ],
      })
      await tables.insert(id, [
        { a: 2, b: 'x' },
        { a: 1, b: null },
      ])
      const key: AlterStep = { op: 'add_index', index: { kind: 'primary', columns: ['a'] } }
      const need: AlterStep = { op: 'modify_column', name: 'b', column: { name: 'b', type: 'text', required: true } }
      assert.equal((await failure(tables.alter(id, [key, need]))).code, 'conflict')
      assert.deepEqual(
        (await allRows(h, id)).map(({ a }) => a),
        [2n, 1n],
      )
      await tables.alter(id, [key])
      assert.deepEqual(
        (await allRows(h, id)).map(({ a }) => a),
        [1n, 2n],
      )
      assert.equal((await failure(tables.insert(id, [{ a: 1 }]))).code, 'already_exists')
      for (const step of [
        { op: 'drop_index', name: 'primary' },
        { op: 'drop_column', name: 'a' },
      ] as const)
        assert.equal((await failure(tables.alter(id, [step]))).code, 'invalid_argument')
    },
  },
  {
    name: 'RDB-73 a column that is changed twice in one change goes through both',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(single({ name: 'v', type: 'text' }))
      await tables.insert(id, [{ v: '7' }, { v: null }])
      const table = await tables.alter(id, [
        { op: 'add_column', column: { name: 'n', type: 'int', required: true, default: 5 } },
        { op: 'modify_column', name: 'n', column: { name: 'm', type: 'text' } },
        { op: 'modify_column', name: 'v', column: { name: 'v', type: 'bigint' } },
        { op: 'modify_column', name: 'v', column: { name: 'v', type: 'varchar', length: 1 } },
      ])
      assert.deepEqual([table.version, table.columns.length], [2, 3])
      assert.deepEqual(await allRows(h, id, ['v', 'm']), [
        { v: '7', m: '5' },
        { v: null, m: '5' },
      ])
    },
  },
  {
    name: 'RDB-74 every type becomes every other where its values fit',
    run: async (h) => {
      const { tables } = h
      const conversions: [from: ColumnType, value: CellInput, to: ColumnType, becomes: unknown][] = [
        ['text', '2024-02-29T10:00:00Z', 'timestamp', '2024-02-29 10:00:00'],
        ['text', '2024-02-29', 'timestamp', '2024-02-29 00:00:00'],
        ['text', 'later', 'timestamp', 'conflict'],
        ['text', '7', 'timestamp', 'conflict'],
        ['text', 'TRUE', 'boolean', true],
        ['text', '0', 'boolean', false],
        ['text', 'yes', 'boolean', 'conflict'],
        ['text', '1.5', 'double', 1.5],
        ['text', '1.5', 'bigint', 'conflict'],
        ['text', '[1]', 'json', [1]],
        ['text', 'x', 'json', 'conflict'],
        ['text', 'abc', 'varchar', 'abc'],
        ['text', 'x'.repeat(256), 'varchar', 'conflict'],
        ['bigint', 2n ** 40n, 'int', 'conflict'],
        ['bigint', 1, 'boolean', true],
        ['bigint', 2, 'boolean', 'conflict'],
        ['bigint', 2n ** 62n, 'text', '4611686018427387904'],
        ['bigint', 5, 'timestamp', 'conflict'],
        ['double', 2, 'bigint', 2n],
        ['double', 2.5, 'bigint', 'conflict'],
        ['boolean', true, 'int', 1n],
        ['timestamp', '2024-02-29', 'text', '2024-02-29 00:00:00'],
        ['timestamp', '2024-02-29', 'bigint', 'conflict'],
        // how an object is spaced is the engine's own
        ['json', [1], 'text', '[1]'],
      ]
      for (const [from, value, to, becomes] of conversions) {
        const about = `${from} ${String(value).slice(0, 30)} to ${to}`
        const { id } = await tables.create(single({ name: 'x', type: from }))
        await tables.insert(id, [{ x: value }, { x: null }])
        const call = () => tables.alter(id, [{ op: 'modify_column', name: 'x', column: { name: 'x', type: to } }])
        if (becomes === 'conflict') assert.equal((await failure(call)).code, 'conflict', about)
        else {
          await call()
          assert.deepEqual(await allRows(h, id, ['x']), [{ x: becomes }, { x: null }], about)
        }
      }
    },
  },
]
