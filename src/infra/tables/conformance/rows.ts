import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import type { CellInput, ColumnType } from '../tables.ts'
import { allRows, allTypes, failure, PRIMARY_ID, people, single, type TablesHarness } from './harness.ts'

/** What a column of the type makes of a value: the value read back, or the code of the refusal. */
const COERCIONS: readonly [type: ColumnType, value: unknown, becomes: unknown][] = [
  ['bigint', '7', 7n],
  ['bigint', ' +7 ', 7n],
  ['bigint', '7.0', 7n],
  ['bigint', '-9223372036854775808', -(2n ** 63n)],
  ['bigint', 2n ** 63n - 1n, 2n ** 63n - 1n],
  ['bigint', 7, 7n],
  ['bigint', 'abc', 'wrong_type'],
  ['bigint', '', 'wrong_type'],
  ['bigint', '1e3', 'wrong_type'],
  ['bigint', 1.5, 'wrong_type'],
  ['bigint', true, 'wrong_type'],
  ['bigint', {}, 'wrong_type'],
  ['bigint', Number.NaN, 'wrong_type'],
  ['bigint', 2 ** 53, 'out_of_range'],
  ['bigint', 2n ** 63n, 'out_of_range'],
  ['bigint', '9223372036854775808', 'out_of_range'],
  ['int', 2_147_483_647, 2_147_483_647n],
  ['int', '-2147483648', -2_147_483_648n],
  ['int', 2_147_483_648, 'out_of_range'],
  ['varchar', 42, '42'],
  ['varchar', 12345678901234567890n, '12345678901234567890'],
  ['varchar', '', ''],
  ['varchar', true, 'wrong_type'],
  ['varchar', [], 'wrong_type'],
  ['varchar', 'a\0b', 'invalid_argument'],
  ['varchar', '\ud800', 'invalid_argument'],
  ['text', 'ö'.repeat(32_767), 'ö'.repeat(32_767)],
  ['text', 'ö'.repeat(32_768), 'out_of_range'],
  ['boolean', true, true],
  ['boolean', 1, true],
  ['boolean', '1', true],
  ['boolean', 'TRUE', true],
  ['boolean', 0n, false],
  ['boolean', 'false', false],
  ['boolean', 2, 'wrong_type'],
  ['boolean', 'yes', 'wrong_type'],
  ['double', '1.5', 1.5],
  ['double', 5, 5],
  ['double', 5n, 5],
  ['double', '-.5e-3', -0.0005],
  ['double', Number.MAX_VALUE, Number.MAX_VALUE],
  ['double', Number.MIN_VALUE, Number.MIN_VALUE],
  ['double', -0, 0],
  ['double', '0x10', 'wrong_type'],
  ['double', 'abc', 'wrong_type'],
  ['double', '', 'wrong_type'],
  ['double', '1e999', 'out_of_range'],
  ['double', Number.NaN, 'invalid_argument'],
  ['float', 0.1, Math.fround(0.1)],
  ['float', 1e39, 'out_of_range'],
  ['timestamp', '2024-02-29 13:45:01', '2024-02-29 13:45:01'],
  ['timestamp', '2024-02-29', '2024-02-29 00:00:00'],
  ['timestamp', '2024/2/9 3:04', '2024-02-09 03:04:00'],
  ['timestamp', '2024-02-29T13:45:01.999Z', '2024-02-29 13:45:01'],
  ['timestamp', '2024-02-29T23:45:01-02:30', '2024-03-01 02:15:01'],
  ['timestamp', new Date(Date.UTC(2024, 0, 2, 3, 4, 5, 6)), '2024-01-02 03:04:05'],
  ['timestamp', 1_700_000_000_000, '2023-11-14 22:13:20'],
  ['timestamp', '9999-12-31 23:59:59', '9999-12-31 23:59:59'],
  ['timestamp', '1000-01-01', '1000-01-01 00:00:00'],
  ['timestamp', '0001-01-01 00:00:00', null],
  ['timestamp', '0999-12-31', 'wrong_type'],
  ['timestamp', '2023-02-29', 'wrong_type'],
  ['timestamp', '2024-13-01', 'wrong_type'],
  ['timestamp', '2024-01-01 24:00:00', 'wrong_type'],
  ['timestamp', 'now', 'wrong_type'],
  ['timestamp', new Date(Number.NaN), 'wrong_type'],
  ['json', { a: [1, null, 'x'] }, { a: [1, null, 'x'] }],
  ['json', '{"a": 1}', { a: 1 }],
  ['json', '"text"', 'text'],
  ['json', 5, 5],
  ['json', true, true],
  ['json', '{"n": 9223372036854775807}', { n: 9223372036854775807n }],
  ['json', { n: 2n ** 63n }, { n: 2n ** 63n }],
  ['json', { s: '\\u0000' }, { s: '\\u0000' }],
  ['json', { s: '\0' }, 'invalid_argument'],
  ['json', '{"a"', 'wrong_type'],
  ['json', 'text', 'wrong_type'],
  ['json', { n: Number.NaN }, 'wrong_type'],
  ['json', 'x'.repeat(2_000_000), 'wrong_type'],
  ['json', ['x'.repeat(2_000_000)], 'out_of_range'],
]

const NULLS = { i: null, b: null, v: null, t: null, f: null, j: null, s: null, r: null, d: null }

export const rowCases: readonly Case<TablesHarness>[] = [
  {
    name: 'RDB-18 many rows are inserted, all or none',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create({ ...people, indexes: [PRIMARY_ID, { kind: 'unique', columns: ['name'] }] })
      const rows = Array.from({ length: 2_500 }, (_, i) => ({ name: `n${i}`, age: i }))
      assert.deepEqual(await tables.insert(id, rows), { affected: 2_500 })
      const more = rows.map(({ age }) => ({ name: `m${age}`, age }))
      const broken: [Record<string, CellInput>, string][] = [
        [{ name: 'n7', age: 1 }, 'already_exists'],
        [{ name: 'x', age: 'old' }, 'wrong_type'],
        [{ name: 'x', age: 1, size: 1 }, 'not_found'],
      ]
      for (const [row, code] of broken)
        assert.equal((await failure(tables.insert(id, more.with(2_400, row as never)))).code, code)
      const { total, rows: last } = await tables.select(id, {
        orderBy: [{ column: 'id', direction: 'desc' }],
        limit: 1,
      })
      assert.deepEqual([total, last[0]?.name], [2_500, 'n2499'])
    },
  },
  {
    name: 'RDB-19 what a row leaves out is its default or nothing',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(allTypes)
      await tables.insert(id, [{ i: 1 }, { v: 'x', i: null }, {}, { T: 'y', t: undefined }])
      const rows = await allRows(h, id, ['id', 'i', 'v', 't', 'f', 'j', 'b', 'r', 'd'])
      const rest = { f: true, j: { a: [1, 'x'] }, b: 9223372036854775807n, r: 0.5, d: 1e300 }
      assert.deepEqual(rows, [
        { id: 1n, i: 1n, v: "o'k", t: '', ...rest },
        { id: 2n, i: null, v: 'x', t: '', ...rest },
        { id: 3n, i: 5n, v: "o'k", t: '', ...rest },
        { id: 4n, i: 5n, v: "o'k", t: 'y', ...rest },
      ])
      await tables.insert(id, [{}])
      assert.equal((await allRows(h, id)).length, 5)
    },
  },
  {
    name: 'RDB-20 an unknown column is an error, and nothing is inserted',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(people)
      const error = await failure(tables.insert(id, [{ name: 'a' }, { name: 'b', constructor: 1 }]))
      assert.deepEqual([error.code, error.details], ['not_found', { column: 'constructor' }])
      assert.equal((await failure(tables.insert(id, []))).code, 'invalid_argument')
      assert.equal(
        (
          await failure(
            tables.insert(
              id,
              Array.from({ length: 100_001 }, () => ({})),
            ),
          )
        ).code,
        'out_of_range',
      )
      assert.equal((await allRows(h, id)).length, 0)
    },
  },
  {
    name: 'RDB-21 RDB-22 RDB-23 RDB-24 RDB-25 each type takes what fits, and refuses the rest in words',
    run: async (h) => {
      const { tables } = h
      const types = [...new Set(COERCIONS.map(([type]) => type))]
      const { id } = await tables.create({
        columns: [{ name: 'id', type: 'bigint', autoIncrement: true }, ...types.map((type) => ({ name: type, type }))],
        indexes: [PRIMARY_ID],
      })
      for (const [type, value, becomes] of COERCIONS) {
        const about = `${type} ${String(value).slice(0, 50)}`
        const isCode = typeof becomes === 'string' && /^(wrong_type|out_of_range|invalid_argument)$/.test(becomes)
        const call = tables.insert(id, [{ [type]: value as CellInput }])
        if (isCode) {
          const error = await failure(call)
          assert.equal(error.code, becomes, about)
          assert.ok(error.message.startsWith(`row 1: the column "${type}" `), error.message)
          continue
        }
        await call
        const last = { columns: [type], orderBy: [{ column: 'id', direction: 'desc' as const }], limit: 1 }
        assert.deepEqual((await tables.select(id, last)).rows, [{ [type]: becomes }], about)
      }
    },
  },
  {
    name: 'RDB-26 every type has room for nothing, unless it is required',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(allTypes)
      await tables.insert(id, [NULLS])
      assert.deepEqual((await tables.select(id)).rows, [{ id: 1n, ...NULLS }])
      for (const type of ['int', 'text', 'json'] as const) {
        const needed = await tables.create(single({ name: 'x', type, required: true }))
        for (const call of [
          () => tables.insert(needed.id, [{ x: null }]),
          () => tables.insert(needed.id, [{}]),
          () => tables.update(needed.id, { x: null }, 'all_rows'),
        ])
          assert.equal((await failure(call)).code, 'invalid_argument')
      }
    },
  },
  {
    name: 'RDB-57 characters beyond the first plane stay whole, in values and names',
    run: async (h) => {
      const { tables } = h
      const { id } = await tables.create(single({ name: '𠮷野家', type: 'varchar', length: 3 }))
      await tables.insert(id, [{ 𠮷野家: '😀👍🏽' }])
      assert.deepEqual(await allRows(h, id, ['𠮷野家']), [{ 𠮷野家: '😀👍🏽' }])
      assert.equal(
        (await tables.select(id, { where: { conditions: [{ column: '𠮷野家', op: 'like', value: '_👍_' }] } })).total,
        1,
      )
    },
  },
]
