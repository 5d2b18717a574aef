import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import type { Dialect } from '../../db/driver.ts'
import type { ExecuteRequest } from '../tables.ts'
import { failure, people, type TablesHarness, withPeople } from './harness.ts'

const WRITES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const

/** Texts that want to be more than a value. */
const INJECTIONS = [
  "' or '1'='1",
  "'; drop table people; --",
  '" or ""="',
  '` or 1=1 -- ',
  "\\' or 1=1 --",
  "x' union select password_hash from account --",
  '?',
  '$1',
  ':name',
  '/*',
  '%',
  '_',
  "char(0x27) || '",
  "');",
  '\u02bc or 1=1',
  '＇ or 1=1 --',
]

/** Statements in the engine's names that reach further; `T` is the table. */
const REACHING = [
  'SELECT * FROM account',
  'SELECT f_1 FROM T UNION SELECT password_hash FROM account',
  'SELECT * FROM T, account',
  'SELECT (SELECT email FROM account) FROM T',
  'WITH a AS (SELECT * FROM account) SELECT * FROM a',
  'SELECT * FROM user_table',
  'SELECT * FROM user_table_1',
  'SELECT * FROM sqlite_schema',
  "SELECT * FROM pragma_table_info('account')",
  "SELECT load_extension('x')",
  'INSERT INTO account (id) VALUES (1)',
  'INSERT INTO T (f_2) SELECT email FROM account',
  'UPDATE T SET f_2 = (SELECT email FROM account)',
  'DELETE FROM account',
  'SELECT 1; SELECT 2',
  'DROP TABLE T',
  'PRAGMA table_info(T)',
  "ATTACH 'x' AS y",
  "VACUUM INTO 'x'",
  '',
]

/** What stands in a JSON object; MariaDB knows no arrow. */
const A_OF_DATA: Readonly<Partial<Record<Dialect, string>>> = { mysql: "json_value(data, '$.a')" }

/** Rows that stand in the way are removed. PostgreSQL has no word for it. */
const REPLACE: Readonly<Partial<Record<Dialect, string>>> = {
  sqlite: "insert or replace into people (id, name) values (1, 'z')",
  mysql: "replace into people (id, name) values (1, 'z')",
}

export const statementCases: readonly Case<TablesHarness>[] = [
  {
    name: 'RDB-47 RDB-48 a list takes as many places, an empty one matches nothing',
    run: async (h) => {
      const { execute } = await withPeople(h)
      const ids = async (sql: string, params: ExecuteRequest['params']) =>
        (await execute(sql, params === undefined ? {} : { params })).rows.map(({ id }) => Number(id))
      const list = 'select id from people where age in (?) and owner = ? order by id'
      assert.deepEqual(await ids(list, [[30, 40], 'a']), [1, 2])
      assert.deepEqual(await ids(list, [30, 'a']), [1])
      assert.deepEqual(await ids(list, [[], 'a']), [])
      assert.deepEqual(await ids('select id from people where age not in ( ? )', [[]]), [])
      assert.deepEqual(await ids('select id from people where (age, owner) in ((?, ?))', [30, 'b']), [5])
    },
  },
  {
    name: 'RDB-49 as many parameters as places',
    run: async (h) => {
      const { execute } = await withPeople(h)
      const wrong: [string, ExecuteRequest['params']][] = [
        ['select id from people where age = ?', []],
        ['select id from people where age = ?', [1, 2]],
        ['select id from people', [1]],
        ['select id from people where age = ?1', [1]],
        ['select id from people where age = :age', []],
        ['select id from people where age = @age', []],
        ['select id from people where age = $age', []],
        ['select id from people where age = ?', [Number.NaN]],
        ['select id from people where name = ?', ['a\0']],
      ]
      for (const [sql, params] of wrong) {
        const { code } = await failure(() => execute(sql, params === undefined ? {} : { params }))
        assert.match(code, /^(invalid_argument|out_of_range)$/, sql)
      }
    },
  },
  {
    name: 'RDB-50 a question mark in a text, a name or a comment is no place',
    run: async (h) => {
      const { execute } = await withPeople(h)
      const quote = h.database.dialect === 'mysql' ? '`' : '"'
      const named = `${quote}name${quote} as ${quote}b?${quote}`
      const sql = `select '?' as a, ${named}, 'it''s ?' as c -- ?\n from people /* ? */ where id = ?`
      const { rows } = await execute(sql, { params: [1] })
      assert.deepEqual(rows, [{ a: '?', 'b?': 'Ann', c: "it's ?" }])
    },
  },
  {
    name: 'RDB-51 a write says how many rows it wrote, and keeps the types of its columns',
    run: async (h) => {
      const { execute, tables, id } = await withPeople(h)
      const write = (sql: string) => execute(sql, { allow: WRITES })
      const inserted = await write("insert into people (name, age, active) values ('x', 1, true), ('y', 2, false)")
      assert.deepEqual(inserted, { operation: 'INSERT', columns: [], rows: [], affected: 2, truncated: false })
      assert.equal((await write('update people set age = age + 1 where age < 3')).affected, 2)
      assert.equal((await write("delete from people where name in ('x', 'y')")).affected, 2)
      const wrong: [string, string, string][] = [
        ["insert into people (age) values ('x')", 'out_of_range', 'age'],
        ['insert into people (age) values (3000000000)', 'out_of_range', 'age'],
        ['update people set active = 2', 'wrong_type', 'active'],
        ["update people set joined = 'soon'", 'wrong_type', 'joined'],
        ["update people set joined = '2024-02-30 00:00:00'", 'wrong_type', 'joined'],
        ["update people set score = 'much'", 'wrong_type', 'score'],
        ["update people set score = '9e999'", 'wrong_type', 'score'],
        [`update people set name = '${'x'.repeat(256)}'`, 'out_of_range', 'name'],
        ['insert into people (id) values (1)', 'already_exists', 'id'],
      ]
      for (const [sql, code, column] of wrong) {
        const error = await failure(write(sql))
        assert.deepEqual([error.code, error.details], [code, { columns: [column] }], sql)
        assert.doesNotMatch(`${error.message} ${JSON.stringify(error.details)}`, /user_table|f_\d/, sql)
      }
      assert.equal((await tables.select(id)).total, 5)
    },
  },
  {
    name: 'RDB-52 only what is allowed runs; without a word that is SELECT',
    run: async (h) => {
      const { execute, id, tables } = await withPeople(h)
      const texts = ["insert into people (name) values ('x')", "update people set name = 'x'", 'delete from people']
      for (const [at, sql] of texts.entries()) {
        assert.equal((await failure(execute(sql))).code, 'permission_denied')
        const allow = WRITES.filter((_, i) => i !== at + 1)
        assert.equal((await failure(execute(sql, { allow }))).code, 'permission_denied')
        assert.equal((await failure(execute(sql, { allow: WRITES, readOnly: [id] }))).code, 'permission_denied')
      }
      assert.equal((await failure(execute('select 1', { allow: ['INSERT'] }))).code, 'permission_denied')
      const conflict = h.database.dialect === 'mysql' ? 'duplicate key update' : 'conflict (id) do update set'
      const upsert = `insert into people (id, name) values (1, 'x') on ${conflict} name = 'y'`
      assert.equal((await failure(execute(upsert, { allow: ['INSERT'] }))).code, 'permission_denied')
      assert.equal((await execute(upsert, { allow: ['INSERT', 'UPDATE'] })).affected, 1)
      const replace = REPLACE[h.database.dialect]
      if (replace !== undefined) {
        assert.equal((await failure(execute(replace, { allow: WRITES }))).code, 'permission_denied')
        assert.equal((await execute(replace, { allow: WRITES, allowReplace: true })).affected, 1)
        assert.equal((await tables.select(id, { columns: ['name'] })).rows[0]?.name, 'z')
      }
      for (const ddl of ['create table x (a int)', 'drop table people', 'alter table people add column x int'])
        assert.match(
          (await failure(() => execute(ddl, { allow: WRITES }))).code,
          /^(permission_denied|invalid_argument)$/,
          ddl,
        )
    },
  },
  {
    name: 'RDB-53 a statement reaches the given tables only, whatever it is',
    run: async (h) => {
      const { tables, id, database } = await withPeople(h)
      const other = await tables.create(people)
      for (const text of [...REACHING, `SELECT * FROM user_table_${other.id}`]) {
        const sql = text.replace(/\bT\b/g, `user_table_${id}`)
        const { code, message } = await failure(
          tables.execute({ sql, tables: [id], allow: WRITES, allowReplace: true }),
        )
        assert.match(code, /^(permission_denied|invalid_argument)$/, `${sql}: ${message}`)
        assert.doesNotMatch(message, /user_table_\d/, sql)
      }
      assert.equal((await tables.select(id)).total, 5)
      assert.equal((await database.db.selectFrom('account').selectAll().execute()).length, 0)
      assert.equal((await failure(tables.execute({ sql: 'select 1', tables: ['999'] }))).code, 'not_found')
    },
  },
  {
    name: 'RDB-54 rows beyond the limit are left out, and the result says so',
    run: async (h) => {
      const { execute } = await withPeople(h)
      const two = await execute('select id from people order by id', { maxRows: 2 })
      assert.deepEqual([two.rows, two.truncated], [[{ id: 1n }, { id: 2n }], true])
      assert.equal((await execute('select id from people', { maxRows: 5 })).truncated, false)
      for (const extra of [{ maxRows: 0 }, { maxRows: 10_001 }, { timeoutMs: 0 }, { timeoutMs: 60_000 }])
        assert.equal((await failure(execute('select 1', extra))).code, 'out_of_range')
      assert.equal((await failure(execute(`select '${'x'.repeat(2 ** 20)}'`))).code, 'invalid_argument')
    },
  },
  {
    name: 'RDB-55 whatever a value says, it stays a value',
    run: async (h) => {
      const { tables, id, ids, execute } = await withPeople(h)
      for (const text of INJECTIONS) {
        await tables.insert(id, [{ name: text, owner: 'z' }])
        const [found, ...more] = await ids({ conditions: [{ column: 'name', op: '=', value: text }] })
        assert.deepEqual([typeof found, more], ['number', []], text)
        const byList = await ids({ conditions: [{ column: 'name', op: 'in', values: [text, 'nobody'] }] })
        assert.deepEqual(byList, [found])
        const { rows } = await execute('select id, name from people where name = ?', { params: [text] })
        assert.deepEqual(rows, [{ id: BigInt(found ?? 0), name: text }])
        const where = { conditions: [{ column: 'id', op: '=' as const, value: found ?? 0 }] }
        assert.deepEqual(await tables.update(id, { name: `${text}!` }, where), { affected: 1 })
        assert.deepEqual(await tables.upsert(id, [{ id: found ?? 0, name: `${text}!` }]), {
          inserted: 0,
          updated: 0,
          unchanged: 1,
        })
        assert.deepEqual(await tables.delete(id, { conditions: [{ column: 'name', op: '=', value: `${text}!` }] }), {
          affected: 1,
        })
      }
      const texts = { name: 't', type: 'text', default: INJECTIONS.join('\n') } as const
      const withDefault = await tables.create({ columns: [texts], description: INJECTIONS.join('\n') })
      await tables.insert(withDefault.id, [{}])
      await tables.alter(withDefault.id, [{ op: 'add_column', column: { ...texts, name: 'u' } }])
      const expected = { t: INJECTIONS.join('\n'), u: INJECTIONS.join('\n') }
      assert.deepEqual((await tables.select(withDefault.id)).rows, [expected])
      assert.equal((await tables.select(id)).total, 5)
    },
  },
  {
    name: 'RDB-59 a count is a bigint under its label, and every label is in the names of the owner',
    run: async (h) => {
      const { execute, tables } = await withPeople(h)
      const { columns, rows } = await execute('select count(*), max(age) as oldest, avg(age), min(name) from people')
      assert.deepEqual(Object.values(rows[0] ?? {}), [5n, 40n, 30, '100%'])
      assert.equal(columns[1], 'oldest')
      assert.doesNotMatch(columns.join(), /f_\d|user_table/)
      assert.match(columns[0] ?? '', /count/i)
      const all = await execute('select * from people where id = 1')
      assert.deepEqual(all.rows, [
        { id: 1n, owner: 'a', name: 'Ann', age: 30n, active: true, joined: '2024-01-01 00:00:00', score: 1.5 },
      ])
      const twice = await execute(
        'select a.id, b.id, a.name as id_2 from people a join people b on a.id = b.id where a.id = 1',
      )
      assert.deepEqual(twice.rows, [{ id: 1n, id_3: 1n, id_2: 'Ann' }])
      const { id } = await tables.create({
        name: 'j',
        columns: [
          { name: 'data', type: 'json' },
          { name: 'n', type: 'bigint' },
        ],
      })
      await tables.insert(id, [{ data: { a: 'x' }, n: 2n ** 62n }])
      const table = await tables.describe(id)
      const sql = h.rewrite(
        `select data, ${A_OF_DATA[h.database.dialect] ?? "data->>'a'"} as a, n, n + 1 as m, n / 2.0 as r from j`,
        table === undefined ? [] : [table],
      )
      assert.deepEqual((await tables.execute({ sql, tables: [id] })).rows, [
        { data: { a: 'x' }, a: 'x', n: 2n ** 62n, m: 2n ** 62n + 1n, r: 2 ** 61 },
      ])
    },
  },
  {
    name: 'RDB-71 SQL that is wrong is told in the names of the owner',
    run: async (h) => {
      const { execute, tables, id } = await withPeople(h)
      for (const sql of [
        'select nofunc(age) from people',
        'select sum(sum(age)) from people',
        'select substr() from people',
      ])
        assert.equal((await failure(() => execute(sql))).code, 'invalid_argument', sql)
      assert.match((await failure(execute('select nofunc(age) from people'))).message, /nofunc/)
      const stale = `select f_999, name from user_table_${id}`
      const error = await failure(tables.execute({ sql: stale, tables: [id] }))
      assert.equal(error.code, 'invalid_argument')
      assert.doesNotMatch(error.message, /user_table/)
    },
  },
  {
    name: 'RDB-72 a statement that does not end is stopped',
    needs: 'guarded.timeout',
    run: async (h) => {
      const { execute } = await withPeople(h)
      const endless = 'with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n, people'
      assert.equal((await failure(execute(endless, { timeoutMs: 50 }))).code, 'deadline_exceeded')
    },
  },
]
