import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import type { Condition, Where } from '../tables.ts'
import { failure, people, single, type TablesHarness, withPeople } from './harness.ts'

const CONDITIONS: readonly [Condition, ids: number[]][] = [
  [{ column: 'age', op: '=', value: 30 }, [1, 5]],
  [{ column: 'age', op: '=', value: '30' }, [1, 5]],
  [{ column: 'AGE', op: '!=', value: 30n }, [2, 4]],
  [{ column: 'age', op: '>', value: 30 }, [2]],
  [{ column: 'age', op: '>=', value: 30 }, [1, 2, 5]],
  [{ column: 'age', op: '<', value: 30 }, [4]],
  [{ column: 'age', op: '<=', value: 30 }, [1, 4, 5]],
  [{ column: 'age', op: '<', value: 2n ** 40n }, [1, 2, 4, 5]],
  [{ column: 'age', op: 'in', values: [20, '40', 99n] }, [2, 4]],
  [{ column: 'age', op: 'not_in', values: [20, 40] }, [1, 5]],
  [{ column: 'age', op: 'is_null' }, [3]],
  [{ column: 'age', op: 'is_not_null' }, [1, 2, 4, 5]],
  [{ column: 'name', op: '=', value: 'ann' }, []],
  [{ column: 'name', op: '=', value: 'x'.repeat(1000) }, []],
  [{ column: 'name', op: 'like', value: 'a%' }, [1]],
  [{ column: 'name', op: 'not_like', value: 'a%' }, [2, 3, 4]],
  [{ column: 'name', op: 'like', value: 'äRZ__' }, [3]],
  [{ column: 'name', op: 'like', value: '100\\%' }, [4]],
  [{ column: 'name', op: 'like', value: '1\\%%' }, []],
  [{ column: 'name', op: 'like', value: '%' }, [1, 2, 3, 4]],
  [{ column: 'age', op: 'like', value: '3%' }, [1, 5]],
  [{ column: 'active', op: '=', value: 'true' }, [1, 3, 5]],
  [{ column: 'active', op: '!=', value: true }, [2]],
  [{ column: 'joined', op: '>=', value: '2024-01-01' }, [1, 2, 5]],
  [{ column: 'joined', op: '=', value: '2024-01-01T01:00:00+01:00' }, [1, 5]],
  [{ column: 'score', op: '<', value: '0.5' }, [3, 4]],
  [{ column: 'score', op: 'in', values: [1.5, 0.25] }, [1, 4]],
  [{ column: 'score', op: 'like', value: '%.%' }, [1, 4]],
  [{ column: 'score', op: 'like', value: '-2' }, [3]],
  [{ column: 'score', op: 'not_like', value: '%.%' }, [3, 5]],
  [{ column: 'joined', op: 'like', value: '2024-0%:00' }, [1, 2, 5]],
  [{ column: 'active', op: 'like', value: '1' }, [1, 3, 5]],
]

const REFUSED: readonly [where: unknown, code: string][] = [
  [undefined, 'invalid_argument'],
  [null, 'invalid_argument'],
  ['everything', 'invalid_argument'],
  [{}, 'invalid_argument'],
  [{ conditions: [] }, 'invalid_argument'],
  [{ conditions: [], groups: [] }, 'invalid_argument'],
  [{ groups: [{}] }, 'invalid_argument'],
  [{ logic: 'xor', conditions: [{ column: 'age', op: 'is_null' }] }, 'invalid_argument'],
  [{ conditions: [{ column: 'age', op: '=', value: null }] }, 'invalid_argument'],
  [{ conditions: [{ column: 'age', op: '=' }] }, 'invalid_argument'],
  [{ conditions: [{ column: 'age', op: 'in', values: [1, null] }] }, 'invalid_argument'],
  [{ conditions: [{ column: 'age', op: '= 1 or 1', value: 1 }] }, 'invalid_argument'],
  [{ conditions: [{ column: 'age', op: '=', value: 'x' }] }, 'wrong_type'],
  [{ conditions: [{ column: 'name', op: 'like', value: 5 }] }, 'invalid_argument'],
  [{ conditions: [{ column: 'nowhere', op: 'is_null' }] }, 'not_found'],
]

const or = (...conditions: Condition[]): Exclude<Where, 'all_rows'> => ({ logic: 'or', conditions })
const is = (column: string, value: string | number): Condition => ({ column, op: '=', value })

export const queryCases: readonly Case<TablesHarness>[] = [
  {
    name: 'RDB-27 an update counts the rows that match; with a limit they are the first by primary key',
    run: async (h) => {
      const { tables, id, ids } = await withPeople(h)
      assert.deepEqual(await tables.update(id, { age: 30 }, { conditions: [is('age', 30)] }), { affected: 2 })
      assert.deepEqual(await tables.update(id, { age: 1 }, { conditions: [is('owner', 'b')] }, { limit: 2 }), {
        affected: 2,
      })
      assert.deepEqual(await ids({ conditions: [is('age', 1)] }), [3, 4])
      assert.deepEqual(await tables.delete(id, 'all_rows', { limit: 1 }), { affected: 1 })
      assert.deepEqual(await ids('all_rows'), [2, 3, 4, 5])
      assert.deepEqual(await tables.update(id, { age: 1 }, 'all_rows', { limit: 0 }), { affected: 0 })
    },
  },
  {
    name: 'RDB-28 a write says which rows it means, and "all rows" in words',
    run: async (h) => {
      const { tables, id } = await withPeople(h)
      for (const [where, code] of REFUSED)
        for (const call of [
          () => tables.update(id, { age: 1 }, where as Where),
          () => tables.delete(id, where as Where),
          ...(where === undefined ? [] : [() => tables.select(id, { where: where as Where })]),
        ])
          assert.equal((await failure(call)).code, code, JSON.stringify(where))
      assert.equal((await failure(tables.update(id, {}, 'all_rows'))).code, 'invalid_argument')
      assert.deepEqual(await tables.update(id, { age: 1 }, 'all_rows'), { affected: 5 })
      assert.deepEqual(await tables.delete(id, 'all_rows'), { affected: 5 })
    },
  },
  {
    name: 'RDB-29 RDB-30 an empty list matches nothing, whether it is IN or NOT IN',
    run: async (h) => {
      const { tables, id, ids } = await withPeople(h)
      for (const op of ['in', 'not_in'] as const) {
        const where: Where = { conditions: [{ column: 'age', op, values: [] }] }
        assert.deepEqual(await tables.delete(id, where), { affected: 0 })
        assert.deepEqual(await ids(where), [])
      }
      assert.equal((await ids('all_rows')).length, 5)
    },
  },
  {
    name: 'RDB-31 RDB-35 RDB-36 every operator finds what it says',
    run: async (h) => {
      const { ids } = await withPeople(h)
      for (const [condition, expected] of CONDITIONS)
        assert.deepEqual(
          await ids({ conditions: [condition] }),
          expected,
          JSON.stringify(condition, (_k, v) => (typeof v === 'bigint' ? String(v) : v)),
        )
    },
  },
  {
    name: 'RDB-32 an OR beside the owner does not reach the rows of others',
    run: async (h) => {
      const { ids } = await withPeople(h)
      const asked = or(is('age', 30), { column: 'age', op: 'is_null' })
      assert.deepEqual(await ids({ conditions: [is('owner', 'a')], groups: [asked] }), [1])
    },
  },
  {
    name: 'RDB-33 groups hold groups, to a depth',
    run: async (h) => {
      const { ids } = await withPeople(h)
      const deep: Where = {
        logic: 'or',
        groups: [
          { conditions: [is('owner', 'a')], groups: [or(is('age', 40), is('age', 7))] },
          { conditions: [is('age', 20)] },
        ],
      }
      assert.deepEqual(await ids(deep), [2, 4])
      const nested = (depth: number): Exclude<Where, 'all_rows'> =>
        depth === 1 ? { conditions: [is('age', 30)] } : { groups: [nested(depth - 1)] }
      assert.deepEqual(await ids(nested(10)), [1, 5])
      assert.equal((await failure(ids(nested(11)))).code, 'out_of_range')
      const many = Array.from({ length: 501 }, () => is('age', 30))
      assert.equal((await failure(ids({ conditions: many }))).code, 'out_of_range')
    },
  },
  {
    name: 'RDB-34 conditions and groups of one group both apply',
    run: async (h) => {
      const { ids } = await withPeople(h)
      assert.deepEqual(
        await ids({ logic: 'or', conditions: [is('age', 20)], groups: [{ conditions: [is('age', 40)] }] }),
        [2, 4],
      )
      assert.deepEqual(await ids({ conditions: [is('age', 20)], groups: [{ conditions: [is('age', 40)] }] }), [])
    },
  },
  {
    name: 'RDB-37 RDB-38 the total counts all rows that match, whatever the page',
    run: async (h) => {
      const { tables, id } = await withPeople(h)
      const where: Where = { conditions: [is('owner', 'b')] }
      const pages: [query: Parameters<typeof tables.select>[1], rows: number, total: number][] = [
        [{ limit: 2 }, 2, 5],
        [{ limit: 2, where }, 2, 3],
        [{ limit: 0 }, 0, 5],
        [{ limit: 2, offset: 4 }, 1, 5],
        [{ limit: 2, offset: 9 }, 0, 5],
        [{ offset: 3 }, 2, 5],
        [{ offset: 1, where }, 2, 3],
        [{ limit: 5 }, 5, 5],
      ]
      for (const [query, rows, total] of pages) {
        const result = await tables.select(id, query)
        assert.deepEqual([result.rows.length, result.total, result.truncated], [rows, total, false])
      }
      for (const query of [{ limit: -1 }, { limit: 10_001 }, { limit: 1.5 }, { offset: -1 }, { offset: Number.NaN }])
        assert.equal((await failure(tables.select(id, query))).code, 'out_of_range')
    },
  },
  {
    name: 'RDB-39 columns come in the order that was asked for',
    run: async (h) => {
      const { tables, id } = await withPeople(h)
      const { columns, rows } = await tables.select(id, { columns: ['Name', 'id'], limit: 1 })
      assert.deepEqual(
        [columns, Object.entries(rows[0] ?? {})],
        [
          ['name', 'id'],
          [
            ['name', 'Ann'],
            ['id', 1n],
          ],
        ],
      )
      assert.equal((await failure(tables.select(id, { columns: ['name', 'f_1'] }))).code, 'not_found')
      assert.equal((await failure(tables.select(id, { columns: [] }))).code, 'invalid_argument')
    },
  },
  {
    name: 'RDB-40 rows are ordered by several columns; those without a value come first, last when descending',
    run: async (h) => {
      const { tables, id } = await withPeople(h)
      const order = async (...orderBy: { column: string; direction?: 'asc' | 'desc' }[]) =>
        (await tables.select(id, { orderBy })).rows.map((row) => Number(row.id))
      assert.deepEqual(await order({ column: 'age' }), [3, 4, 1, 5, 2])
      assert.deepEqual(await order({ column: 'age', direction: 'desc' }), [2, 1, 5, 4, 3])
      assert.deepEqual(await order({ column: 'age' }, { column: 'name', direction: 'desc' }), [3, 4, 1, 5, 2])
      assert.deepEqual(await order({ column: 'owner', direction: 'desc' }, { column: 'score' }), [3, 4, 5, 2, 1])
      const wrong = tables.select(id, { orderBy: [{ column: 'age', direction: 'asc; drop' as 'asc' }] })
      assert.equal((await failure(wrong)).code, 'invalid_argument')
    },
  },
  {
    name: 'RDB-64 rows without a primary key stay in the order of their inserts',
    run: async ({ tables }) => {
      const { id } = await tables.create({ columns: [{ name: 'a', type: 'int' }] })
      await tables.insert(id, [{ a: 3 }, { a: 1 }, { a: 2 }])
      await tables.update(id, { a: 9 }, 'all_rows', { limit: 1 })
      const { rows } = await tables.select(id)
      assert.deepEqual(
        rows.map(({ a }) => a),
        [9n, 1n, 2n],
      )
    },
  },
  {
    name: 'RDB-65 long lists find what short ones find',
    run: async ({ tables }) => {
      const { id } = await tables.create(people)
      await tables.insert(
        id,
        Array.from({ length: 2_000 }, (_, i) => ({ name: `n"'${i}`, age: i, score: i / 3 })),
      )
      const count = async (condition: Condition) =>
        (await tables.select(id, { where: { conditions: [condition] }, limit: 0 })).total
      const numbers = Array.from({ length: 40_000 }, (_, i) => i * 2)
      assert.equal(await count({ column: 'age', op: 'in', values: numbers }), 1_000)
      assert.equal(await count({ column: 'id', op: 'not_in', values: numbers.map(String) }), 1_000)
      assert.equal(await count({ column: 'name', op: 'in', values: numbers.map((i) => `n"'${i}`) }), 1_000)
      assert.equal(await count({ column: 'score', op: 'in', values: numbers.map((i) => i / 3) }), 1_000)
      const tooLong = Array.from({ length: 100_001 }, (_, i) => i)
      assert.equal((await failure(count({ column: 'age', op: 'in', values: tooLong }))).code, 'out_of_range')
    },
  },
  {
    name: 'RDB-66 a column that holds JSON can only be tested for a value',
    run: async ({ tables }) => {
      const { id } = await tables.create(single({ name: 'j', type: 'json' }))
      await tables.insert(id, [{ j: [] }, { j: null }])
      const where = (condition: Condition): Where => ({ conditions: [condition] })
      assert.equal((await tables.select(id, { where: where({ column: 'j', op: 'is_null' }) })).total, 1)
      assert.equal(
        (await failure(tables.select(id, { where: where({ column: 'j', op: '=', value: [] }) }))).code,
        'invalid_argument',
      )
    },
  },
  {
    name: 'RDB-67 a result that grows too large is cut off, and says so',
    run: async ({ tables }) => {
      const { id } = await tables.create(single({ name: 't', type: 'text' }))
      const rows = Array.from({ length: 300 }, () => ({ t: 'x'.repeat(60_000) }))
      await tables.insert(id, rows)
      const result = await tables.select(id)
      assert.ok(result.rows.length < 300 && result.rows.length > 200)
      assert.deepEqual([result.total, result.truncated], [300, true])
    },
  },
]
