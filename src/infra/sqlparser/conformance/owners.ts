import assert from 'node:assert/strict'
import type { Case } from '../../../base/conformance.ts'
import { refused, type SqlParserHarness } from './harness.ts'

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

export const ownerCases: readonly Case<SqlParserHarness>[] = [
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
