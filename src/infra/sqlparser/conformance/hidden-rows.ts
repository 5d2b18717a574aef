import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import type { Dialect } from '../driver.ts'
import { refused, type SqlParserHarness } from './harness.ts'

/** Three rows of owner 1, and those of owner 2: whatever looks at one of these fails, and may tell what is in it. */
const SETUP = [
  'CREATE TABLE notes (id INT, owner INT, body VARCHAR(20))',
  'CREATE TABLE others (id INT, body VARCHAR(20))',
  'CREATE UNIQUE INDEX notes_id ON notes (id)',
  'CREATE INDEX notes_body ON notes (body)',
  "INSERT INTO notes (id, owner, body) VALUES (1, 1, '1'), (2, 1, '1'), (3, 1, '1'), (4, 2, '(secret'), (5, 2, '(secret')",
  "INSERT INTO others (id, body) VALUES (1, '1')",
]
const MINE = { notes: 'owner = 1' }

type Fails = (column: string) => string
/** A statement around a condition. */
type Shape = (fails: Fails) => string

/** Conditions that hold for the rows of owner 1 and fail on those of owner 2. */
const FAILING: Readonly<Record<Dialect, readonly Fails[]>> = {
  postgres: [
    (column) => `${column}::bool`,
    (column) => `'1' ~ ${column}`,
    (column) => `1 / (${column} = '1')::int = 1`,
  ],
  mysql: [
    (column) => `9223372036854775806 + length(${column}) > 0`,
    (column) => `CAST(${column} AS SIGNED) = 1`,
    (column) => `${column} = 1`,
    (column) => `'1' REGEXP ${column}`,
  ],
  sqlite: [
    (column) => `json_type(${column}) = 'integer'`,
    (column) => `abs(iif(${column} = '1', 1, -9223372036854775808)) = 1`,
  ],
}

const READS: readonly Shape[] = [
  (fails) => `SELECT id FROM notes WHERE ${fails('body')}`,
  (fails) => `SELECT n.id FROM notes n WHERE ${fails('n.body')} ORDER BY n.body, n.id LIMIT 2`,
  (fails) => `SELECT a.id FROM notes a JOIN notes b ON ${fails('b.body')} AND a.id = b.id`,
  (fails) => `SELECT b.id FROM others a LEFT JOIN notes b ON ${fails('b.body')} AND a.id = b.id`,
  (fails) => `SELECT n.id FROM notes n, others o WHERE n.id = o.id AND ${fails('n.body')}`,
  (fails) => `SELECT id FROM others WHERE EXISTS (SELECT 1 FROM notes n WHERE ${fails('n.body')})`,
  (fails) => `SELECT id FROM others WHERE id IN (SELECT id FROM notes WHERE ${fails('body')})`,
  (fails) => `WITH c AS (SELECT * FROM notes) SELECT id FROM c WHERE ${fails('body')}`,
  (fails) => `SELECT d.id FROM (SELECT id, body FROM notes) d WHERE ${fails('d.body')}`,
  (fails) => `SELECT id FROM notes GROUP BY id, body HAVING ${fails('body')}`,
  (fails) => `SELECT id FROM others UNION ALL SELECT id FROM notes WHERE ${fails('body')}`,
  // an index of the column may be looked at before the filter is
  (fails) =>
    `SELECT id FROM others UNION ALL SELECT id FROM notes WHERE body > '(a' AND body < '(z' AND ${fails('body')}`,
]

/** They change the body of all rows of owner 1. */
const WRITES: readonly Shape[] = [
  (fails) => `UPDATE notes SET body = 'new' WHERE ${fails('body')}`,
  (fails) => `UPDATE notes SET body = 'new' WHERE ${fails('body')} OR ${fails('notes.body')}`,
  (fails) => `UPDATE notes SET body = 'new' WHERE (SELECT count(*) FROM others WHERE ${fails('notes.body')}) = 1`,
  (fails) => `UPDATE notes SET body = CASE WHEN ${fails('body')} THEN 'new' END`,
]
const WRITES_BY_DIALECT: Readonly<Record<Dialect, readonly Shape[]>> = {
  mysql: [
    (fails) => `UPDATE notes SET body = 'new' WHERE ${fails('body')} ORDER BY body LIMIT 3`,
    (fails) => `UPDATE notes n JOIN others o ON ${fails('n.body')} AND o.id = 1 SET n.body = 'new'`,
    (fails) => `UPDATE others o JOIN notes n ON ${fails('n.body')} SET n.body = 'new' WHERE ${fails('n.body')}`,
    (fails) => `UPDATE others o LEFT JOIN notes n ON ${fails('n.body')} SET n.body = 'new'`,
    (fails) => `UPDATE notes n LEFT JOIN others o ON ${fails('n.body')} SET n.body = 'new'`,
    (fails) => `UPDATE notes n, others o SET n.body = 'new' WHERE ${fails('n.body')}`,
    (fails) => `UPDATE others o, notes n JOIN notes m ON m.id = n.id AND ${fails('m.body')} SET n.body = 'new'`,
  ],
  postgres: [
    (fails) => `UPDATE notes AS n SET body = 'new' FROM others o WHERE ${fails('n.body')}`,
    (fails) => `UPDATE notes SET body = 'new' FROM notes m WHERE m.id = notes.id AND ${fails('m.body')}`,
  ],
  sqlite: [
    (fails) => `UPDATE notes SET body = 'new' FROM others o WHERE ${fails('notes.body')}`,
    (fails) => `UPDATE notes SET body = 'new' FROM others o, others p WHERE ${fails('notes.body')} AND o.id = p.id`,
    (fails) => `UPDATE notes SET body = 'new' FROM notes m WHERE m.id = notes.id AND ${fails('m.body')}`,
  ],
}

const REMOVES: readonly Shape[] = [
  (fails) => `DELETE FROM notes WHERE ${fails('body')}`,
  (fails) =>
    `DELETE FROM notes WHERE id IN (SELECT n.id FROM notes n WHERE ${fails('n.body')} AND ${fails('notes.body')})`,
]
const REMOVES_BY_DIALECT: Readonly<Record<Dialect, readonly Shape[]>> = {
  mysql: [
    (fails) => `DELETE n FROM notes n JOIN others o ON ${fails('n.body')}`,
    (fails) => `DELETE FROM n USING notes n, others o WHERE ${fails('n.body')}`,
    (fails) => `DELETE FROM notes WHERE ${fails('body')} ORDER BY body, id LIMIT 5`,
  ],
  postgres: [(fails) => `DELETE FROM notes AS n USING others o WHERE ${fails('n.body')}`],
  sqlite: [],
}

/** They meet a row of owner 2. */
const CONFLICTS: readonly Shape[] = [
  (fails) =>
    `INSERT INTO notes (id, owner, body) VALUES (4, 1, '1') ON CONFLICT (id) DO UPDATE SET body = 'x' WHERE ${fails('notes.body')}`,
  (fails) =>
    `INSERT INTO notes (id, owner, body) VALUES (4, 1, '1') ON CONFLICT (id) DO UPDATE SET body = CASE WHEN ${fails('notes.body')} THEN 'x' END`,
]

/** What would look at the rows of a target before any condition can be held back. */
const UNGUARDED: Readonly<Record<Dialect, readonly string[]>> = {
  mysql: [
    'UPDATE notes n JOIN others o USING (id) SET n.body = 1',
    'UPDATE notes n NATURAL JOIN others o SET n.body = 1',
    "UPDATE notes n JOIN JSON_TABLE(n.body, '$[*]' COLUMNS (a INT PATH '$')) j SET n.body = j.a",
    'UPDATE notes n, LATERAL (SELECT id FROM others o WHERE o.id = n.body) d SET n.body = 1',
    'DELETE n FROM notes n LEFT JOIN others o USING (body)',
  ],
  sqlite: [
    'UPDATE notes SET body = j.value FROM json_each(notes.body) j',
    'UPDATE notes SET body = j.value FROM json_each((SELECT max(o.id) FROM others o WHERE o.body = notes.body)) j',
  ],
  postgres: [],
}

/** Each statement with each condition that fails. */
const statements = (dialect: Dialect, ...shapes: readonly (readonly Shape[])[]): string[] =>
  shapes.flat().flatMap((shape) => FAILING[dialect].map((fails) => shape(fails)))

export const hiddenRowsCases: readonly Case<SqlParserHarness>[] = [
  {
    name: 'no condition of a query is evaluated on a row that the filter hides, on a live engine',
    needs: 'engine',
    run: async ({ parser, engine }) => {
      for (const sql of statements(parser.dialect, READS)) {
        const limited = parser.filterTables(sql, MINE)
        const rows = await engine?.rows([...SETUP, limited]).catch((err) => assert.fail(`${limited}\n${err}`))
        const ids = rows?.map(({ id }) => Number(id)) ?? []
        assert.ok(ids.length > 0 && ids.every((id) => id < 4), `${limited} gave ${ids}`)
      }
    },
  },
  {
    name: 'no condition of an UPDATE or DELETE is evaluated on a row that the filter hides, on a live engine',
    needs: 'engine',
    run: async ({ parser, engine }) => {
      const { dialect } = parser
      const updates = statements(dialect, WRITES, WRITES_BY_DIALECT[dialect])
      const removes = statements(dialect, REMOVES, REMOVES_BY_DIALECT[dialect])
      for (const sql of [...updates, ...removes]) {
        const limited = parser.filterTables(sql, MINE)
        const after = [...SETUP, limited, 'SELECT id, body FROM notes ORDER BY id']
        const rows = await engine?.rows(after).catch((err) => assert.fail(`${limited}\n${err}`))
        const own = updates.includes(sql) ? ['1 new', '2 new', '3 new'] : []
        assert.deepEqual(
          rows?.map(({ id, body }) => `${id} ${body}`),
          [...own, '4 (secret', '5 (secret'],
          limited,
        )
      }
    },
  },
  {
    name: 'no condition of ON CONFLICT DO UPDATE is evaluated on a row that the filter hides, on a live engine',
    needs: 'engine',
    run: async ({ parser, engine }) => {
      if (parser.dialect === 'mysql') return
      for (const sql of statements(parser.dialect, CONFLICTS)) {
        const limited = parser.filterTables(sql, MINE)
        const after = [...SETUP, limited, 'SELECT body FROM notes WHERE id = 4']
        const rows = await engine?.rows(after).catch((err) => assert.fail(`${limited}\n${err}`))
        assert.deepEqual(
          rows?.map(({ body }) => body),
          ['(secret'],
        )
      }
    },
  },
  {
    name: 'planning a query tells nothing about rows that the filter hides, on a live engine',
    needs: 'engine',
    run: async ({ parser, engine }) => {
      const analyse = parser.dialect === 'mysql' ? 'ANALYZE TABLE notes PERSISTENT FOR ALL' : 'ANALYZE notes'
      const pattern = parser.dialect === 'mysql' ? String.raw`'(sec%\\'` : String.raw`'(sec%\'`
      for (const sql of ['SELECT id FROM notes WHERE body LIKE', 'DELETE FROM notes WHERE body LIKE'])
        for (const before of ['', 'NOT ']) {
          const limited = parser.filterTables(`${sql.replace('LIKE', `${before}LIKE`)} ${pattern}`, MINE)
          await engine?.rows([...SETUP, analyse, limited]).catch((err) => assert.fail(`${limited}\n${err}`))
        }
    },
  },
  {
    name: 'a join that would evaluate something on hidden rows of a target is refused, with a hint',
    run: async ({ parser }) => {
      for (const sql of UNGUARDED[parser.dialect]) {
        refused(() => parser.filterTables(sql, MINE), /rows that the filter hides/)
        assert.throws(() => parser.filterTables(sql, MINE), { hint: /JOIN … ON|ON instead|sub-query of FROM/ })
      }
    },
  },
  {
    name: 'a condition keeps its meaning under a filter on a live engine',
    needs: 'engine',
    run: async ({ parser, engine }) => {
      const isStrict = parser.dialect === 'postgres'
      const holds = isStrict ? ['TRUE', "'t'", '1 = 1'] : ['5', '0.5', "'1'", '1 = 1']
      const fails = isStrict
        ? ['FALSE', 'NULL', 'NULL::bool', "body = NULL AND '1' = body"]
        : ['0', 'NULL', 'body = NULL']
      for (const condition of [...holds, ...fails]) {
        const limited = parser.filterTables(`DELETE FROM notes WHERE ${condition}`, MINE)
        const rows = await engine?.rows([...SETUP, limited, 'SELECT count(*) AS n FROM notes'])
        assert.equal(Number(rows?.[0]?.n), holds.includes(condition) ? 2 : 5, limited)
      }
      if (parser.dialect === 'sqlite') {
        const guarded = "body = '2' AND json_type(id || '{') = 'x' OR json_valid(body) AND json_type(body) > ''"
        await engine?.rows([...SETUP, parser.filterTables(`DELETE FROM notes WHERE ${guarded}`, MINE)])
      }
      if (!isStrict) return
      const limited = parser.filterTables('DELETE FROM notes WHERE 5', MINE)
      await assert.rejects(async () => engine?.rows([...SETUP, limited]), /must be type boolean/)
    },
  },
]
