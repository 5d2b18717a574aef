import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import { refused, type SqlParserHarness } from './harness.ts'
import { hiddenRowsCases } from './hidden-rows.ts'

const TABLE = 'CREATE TABLE notes (id INT, owner INT, body VARCHAR(20))'
const ROWS = "INSERT INTO notes (id, owner, body) VALUES (1, 1, 'mine'), (2, 1, 'also'), (3, 2, 'theirs')"
const MINE = { notes: 'owner = 1' }

/** Statements that try to reach the row of owner 2. */
const READS = [
  'SELECT body FROM notes',
  'SELECT body FROM notes WHERE id = 3 OR 1 = 1',
  "SELECT body FROM notes WHERE owner = 2 OR body LIKE '%'",
  'SELECT n.body FROM notes n LEFT JOIN notes m ON m.id = 3 WHERE m.body IS NOT NULL OR n.id > 0',
  'SELECT (SELECT max(body) FROM notes WHERE owner = 2) AS body FROM notes',
  'SELECT body FROM notes WHERE id IN (SELECT id FROM notes) UNION ALL SELECT body FROM notes WHERE owner = 2',
  'WITH c AS (SELECT * FROM notes) SELECT body FROM c',
  'WITH notes2 AS (SELECT body FROM notes WHERE owner <> 1) SELECT body FROM notes2',
  'SELECT d.body FROM (SELECT * FROM notes WHERE owner = 2) d',
  'SELECT body FROM notes WHERE EXISTS (SELECT 1 FROM notes x WHERE x.owner = 2)',
]

/** Statements that would write rows of owner 2, or give a row away. */
const OUTSIDE = [
  'INSERT INTO notes (id, owner) VALUES (9, 2)',
  'INSERT INTO notes (id, owner) VALUES (9, 1), (10, 2)',
  'INSERT INTO notes (id, owner) VALUES (9, 1 + 1)',
  'INSERT INTO notes (id, owner) VALUES (9, (1))',
  'INSERT INTO notes (id, owner, owner) VALUES (9, 1, 2)',
  'INSERT INTO notes (id, OWNER, owner) VALUES (9, 2, 1)',
  'INSERT INTO notes (id, body) VALUES (9, 1)',
  "INSERT INTO notes (owner, body) VALUES (2, ', 1')",
  'INSERT INTO notes VALUES (9, 1, 1)',
  'INSERT INTO notes (id, owner) SELECT 9, 2',
  'INSERT INTO notes (id, owner) SELECT 9, owner FROM others',
  'INSERT INTO notes (id, owner) SELECT 9, 1 UNION SELECT 9, 2',
  'INSERT INTO notes (id, owner) SELECT 9, 1 + 1',
  'INSERT INTO notes (owner, id) SELECT 2, 1',
  'INSERT INTO notes (owner, id) SELECT *, 1 FROM others',
  'INSERT INTO notes (id, owner) SELECT * FROM others',
  'UPDATE notes SET owner = 2',
  'UPDATE notes SET body = 1, owner = 2 WHERE id = 1',
  'UPDATE notes SET OWNER = owner',
]

export const ownerCases: readonly Case<SqlParserHarness>[] = [
  ...hiddenRowsCases,
  {
    name: 'SQL-29 a OR b with a filter is (a OR b) AND filter on a live engine',
    needs: 'engine',
    run: async ({ parser, engine }) => {
      const sql = parser.appendSQLFilter('SELECT id FROM notes WHERE id = 3 OR id = 1', 'AND', 'owner = 1')
      const rows = await engine?.rows([TABLE, ROWS, sql])
      assert.deepEqual(
        rows?.map(({ id }) => Number(id)),
        [1],
      )
    },
  },
  {
    name: 'a table filter holds in joins, sub-queries, CTEs and set operations on a live engine',
    needs: 'engine',
    run: async ({ parser, engine }) => {
      for (const sql of READS) {
        const limited = parser.filterTables(sql, MINE)
        const rows = (await engine?.rows([TABLE, ROWS, limited])) ?? []
        assert.ok(
          rows.every(({ body }) => body !== 'theirs'),
          `${limited} gave ${JSON.stringify(rows)}`,
        )
      }
    },
  },
  {
    name: 'a table filter holds for UPDATE and DELETE on a live engine',
    needs: 'engine',
    run: async ({ parser, engine }) => {
      for (const sql of ["UPDATE notes SET body = 'x' WHERE id = 3 OR id = 1", 'DELETE FROM notes']) {
        const rows = await engine?.rows([
          TABLE,
          ROWS,
          parser.filterTables(sql, MINE),
          'SELECT body FROM notes WHERE id = 3',
        ])
        assert.deepEqual(
          rows?.map(({ body }) => body),
          ['theirs'],
        )
      }
    },
  },
  {
    name: 'under a table filter new rows are the own ones, and rows stay whose they are, on a live engine',
    needs: 'engine',
    run: async ({ parser, engine }) => {
      const mine = (sql: string) => parser.setNewRows(sql, [{ colName: 'owner', value: 1 }])
      for (const [sql, added] of [
        [mine("INSERT INTO notes (id, body) VALUES (4, 'new'), (5, 'new')"), 2],
        [mine('INSERT INTO notes (id, body) SELECT id + 10, body FROM notes'), 2],
        [mine("INSERT INTO notes (id, body) SELECT 7, 'a' UNION ALL SELECT id + 20, body FROM notes WHERE 1 = 1"), 3],
        ["INSERT INTO notes (owner, body, id) VALUES (1, 'new', 4)", 1],
        ["INSERT INTO notes (body, owner) SELECT 'new', 1", 1],
      ] as const) {
        const limited = parser.filterTables(sql, MINE)
        const counted = 'SELECT count(*) AS n FROM notes WHERE owner = 1 UNION ALL SELECT count(*) FROM notes'
        const rows = await engine?.rows([TABLE, ROWS, limited, counted])
        assert.deepEqual(
          rows?.map(({ n }) => Number(n)),
          [2 + added, 3 + added],
          limited,
        )
      }
    },
  },
  {
    name: 'under a table filter no new row gets another owner, and no row changes its own',
    run: async ({ parser }) => {
      for (const sql of OUTSIDE) refused(() => parser.filterTables(sql, MINE))
      refused(() => parser.filterTables('INSERT INTO notes (id, owner) VALUES (1, 1)', { notes: 'owner > 0' }), /held/)
      const both = { notes: "owner = 1 AND body = 'b'" }
      const whole = "INSERT INTO notes (body,owner) VALUES ('b',1)"
      assert.equal(parser.filterTables(whole, both), whole)
      refused(() => parser.filterTables("INSERT INTO notes (body, owner) VALUES ('c', 1)", both))
      refused(() => parser.filterTables('INSERT INTO notes (owner) VALUES (1)', both), /leaves out/)
    },
  },
  {
    name: 'new rows get fixed values, and only plain ones that are the same may be there already',
    run: async ({ parser }) => {
      const fix = (sql: string) => parser.setNewRows(sql, [{ colName: 'owner', value: "o'x" }])
      assert.equal(fix('INSERT INTO t (a) VALUES (1), (2)'), "INSERT INTO t (a,owner) VALUES (1,'o''x'),(2,'o''x')")
      assert.equal(fix('INSERT INTO t (a) SELECT b FROM u'), "INSERT INTO t (a,owner) SELECT b,'o''x' FROM u")
      assert.equal(
        fix('INSERT INTO t (a) SELECT b FROM u UNION SELECT max(c) FROM v GROUP BY d'),
        "INSERT INTO t (a,owner) SELECT b,'o''x' FROM u UNION SELECT max(c),'o''x' FROM v GROUP BY d",
      )
      assert.equal(fix("INSERT INTO t (OWNER) VALUES ('o''x')"), "INSERT INTO t (OWNER) VALUES ('o''x')")
      for (const sql of [
        "INSERT INTO t (owner) VALUES ('o''x'), ('p')",
        "INSERT INTO t (owner) VALUES (('o''x'))",
        'INSERT INTO t (owner) VALUES (?)',
        'INSERT INTO t VALUES (1)',
        'INSERT INTO t (a) VALUES ()',
        'UPDATE t SET a = 1',
        'SELECT a FROM t',
      ])
        refused(() => fix(sql))
    },
  },
  {
    name: 'a table filter is one expression without parameters, and refuses what it cannot limit',
    run: async ({ parser }) => {
      for (const filter of ['owner = ?', 'owner = 1; SELECT 1', '1=1) OR (1=1', 'owner = 1 -- '])
        refused(() => parser.filterTables('SELECT body FROM notes', { notes: filter }))
      refused(() => parser.filterTables('DROP TABLE notes', MINE))
      refused(() => parser.filterTables('SELECT body FROM main.notes', MINE), /schema/)
    },
  },
  {
    name: 'strict renaming refuses tables and columns that the mapping does not name',
    run: async ({ parser }) => {
      const map = { notes: { newTableName: 't_1', columnMap: { id: 'f_1', body: 'f_2' } } }
      const strict = (sql: string) => parser.parseAndModifySQL(sql, map, { strict: true })
      assert.equal(
        strict('SELECT n.id, body AS b FROM notes n ORDER BY b'),
        'SELECT n.f_1,f_2 AS b FROM t_1 AS n ORDER BY b',
      )
      for (const sql of [
        'SELECT owner FROM notes',
        'SELECT n.owner FROM notes n',
        'SELECT f_1 FROM notes',
        'SELECT 1 FROM t_1',
        'SELECT 1 FROM notes WHERE id IN (SELECT id FROM others)',
        'UPDATE notes SET owner = 2',
        'INSERT INTO notes (owner) VALUES (1)',
        'DELETE FROM notes WHERE owner = 2',
      ])
        refused(() => strict(sql))
    },
  },
  {
    name: 'strict statements call harmless functions only',
    run: async ({ parser }) => {
      const map = { notes: { columnMap: { id: 'id', body: 'body' } } }
      const strict = (sql: string) => parser.parseAndModifySQL(sql, map, { strict: true })
      assert.equal(strict('SELECT count(*), max(id) FROM notes'), 'SELECT count(*),max(id) FROM notes')
      for (const name of HARMFUL) refused(() => strict(`SELECT ${name}('x') FROM notes`), /not allowed/)
      refused(() => strict("SELECT other.length('x') FROM notes"))
    },
  },
]

/** They read files and settings, wait, lock, write, or run statements that they are given as a text. */
const HARMFUL = (
  'load_file sleep benchmark get_lock load_extension readfile writefile fts3_tokenizer zeroblob pg_read_file pg_sleep ' +
  'pg_ls_dir lo_import dblink query_to_xml table_to_xml ts_stat set_config current_setting version user_function'
).split(' ')
