import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Connection, createConnection } from 'mysql2/promise'
import { type MariaDb, startMariaDb, withoutMariaDb } from '../../../../../test-kit/mariadb.ts'
import { QUERIES } from '../../../../../test-kit/mysql-cases/accepted-queries.ts'
import { WRITES } from '../../../../../test-kit/mysql-cases/accepted-writes.ts'
import { COMBINING } from '../../../../../test-kit/mysql-cases/combining.ts'
import { NAMES, type Renames } from '../../../../../test-kit/mysql-cases/names.ts'
import { READING } from '../../../../../test-kit/mysql-cases/reading.ts'
import { REFUSED } from '../../../../../test-kit/mysql-cases/refused.ts'
import { WRITING } from '../../../../../test-kit/mysql-cases/writing.ts'
import { openSqlParser } from '../../open.ts'

const SYNTAX_ERRORS: ReadonlySet<number> = new Set([1064, 1149])
const parser = await openSqlParser('mysql')

/** What MySQL 8 has and MariaDB 10.11 does not know. */
const ONLY_MYSQL: Readonly<Record<string, RegExp>> = {
  LATERAL: /\bLATERAL\b/i,
  'the statement TABLE': /(^|[(] ?|UNION |INTO t |ANY \()TABLE [a-z]/i,
  'rows of VALUES ROW': /\bVALUES ROW ?\(/i,
  'the alias of an inserted row': /\) AS (n|new)\b/i,
  'columns of a derived table': /\) (AS )?d \(x/i,
  'paths into JSON': /->/,
  'MEMBER OF': /\bMEMBER\b/i,
  'SHARE and OF of locks': /FOR (SHARE|UPDATE OF)/i,
  'two locks': /FOR UPDATE FOR UPDATE/i,
  'WITH before UPDATE and DELETE': /^WITH .*\) (UPDATE|DELETE)/i,
  'aliases in DELETE': /^DELETE FROM \S+ AS/i,
  'more types to cast to': /AS (UNSIGNED INTEGER|JSON|REAL|FLOAT)|RETURNING/i,
  'frames in units of time': /RANGE BETWEEN INTERVAL/i,
  'IGNORE NULLS': /(IGNORE|RESPECT) NULLS/i,
  'VALUES outside of INSERT': /SELECT VALUES ?\(/i,
  'COLLATE binary': /COLLATE BINARY/i,
  'sounds as a name': /\ba sounds\b/i,
  'keys of expressions': /(KEY|INDEX i) \(\(/i,
  'invisible keys': /\bINVISIBLE\b/i,
  'NOT ENFORCED': /ENFORCED/i,
  'generated columns with NOT NULL': /VIRTUAL NOT NULL/i,
  'STORAGE and COLUMN_FORMAT': /COLUMN_FORMAT/i,
  'DROP CHECK': /DROP CHECK/i,
  'WITH VALIDATION': /WITH VALIDATION/i,
  'START TRANSACTION as an option': /START TRANSACTION/i,
  'ALL in JSON_OBJECTAGG': /JSON_OBJECTAGG\(ALL/i,
  'ON DUPLICATE KEY behind a join': /JOIN b ON DUPLICATE/i,
}

/** What MariaDB accepts and MySQL 8 does not. */
const ONLY_MARIADB: Readonly<Record<string, RegExp>> = {
  'words that only MySQL reserves': /\b(rank|row|of|lateral|empty|system|function|cube|parallel|manual)\b(?! ?\()/i,
  'built-in names with a space before the bracket': /(count|max) \(a\)/,
  'names of nothing': /``/,
  'characters beyond U+FFFF in names': /😀/u,
  'INT and VARCHAR to cast to': /AS (INT|VARCHAR\(3\))\)/i,
  'comparisons of comparisons': /is true (is|=)|in \(1\) in|like b like|'x' \+ 1/,
  'ORDER in GROUP BY': /GROUP BY a DESC/i,
  'ALL with DISTINCT': /ALL DISTINCT/i,
  'variables in LIMIT': /LIMIT a$/i,
  RETURNING: /RETURNING a/i,
  'LIMIT for several tables': /UPDATE a, b .* LIMIT/i,
  'INTO and PROCEDURE': /\bINTO (@x|OUTFILE)|PROCEDURE/i,
  'ALTER IGNORE': /ALTER IGNORE/i,
  'columns as defaults': /DEFAULT b/i,
  'points in lengths': /DECIMAL\(19\.5\)/i,
  'VALUES without ROW': /VALUES ?\(1\)$/i,
  'JSON_TABLE without alias': /JSON_TABLE.*\)\)$/i,
  'comments that hold code': /\/\*M?!/,
  'reaching files and servers': /DIRECTORY|CONNECTION =/i,
  'statements that Snug does not run':
    /^(grant|set|show|create (view|index)|drop (view|index)|rename|call|do|explain|use|begin|lock|load|handler|start|analyze|commit|prepare)\b/i,
}

function reasonOf(differences: Readonly<Record<string, RegExp>>, sql: string, used: Set<string>): string | undefined {
  const reasons = Object.entries(differences).filter(([, pattern]) => pattern.test(sql))
  for (const [reason] of reasons) used.add(reason)
  return reasons[0]?.[0]
}

describe('MySQL statements on MariaDB', { skip: withoutMariaDb }, () => {
  let server: MariaDb
  let db: Connection

  before(async () => {
    server = await startMariaDb()
    db = await createConnection({
      socketPath: server.socketPath,
      user: 'root',
      rowsAsArray: true,
      // The client turns this on by default; it would let COUNT stand apart from its bracket.
      flags: ['-IGNORE_SPACE'],
    })
  })

  after(async () => {
    await db?.end()
    await server?.stop()
  })

  /** The number of the error that preparing gives; 0 for none. Nothing is run. */
  async function prepared(sql: string): Promise<number> {
    try {
      const statement = await db.prepare(sql)
      await statement.close()
      return 0
    } catch (err) {
      return errorOf(err)
    }
  }

  test('what the grammar accepts the server accepts, as written and as printed', async () => {
    const used = new Set<string>()
    await db.query('CREATE DATABASE IF NOT EXISTS grammar')
    await db.query('USE grammar')
    for (const sql of Object.values({ ...QUERIES, ...WRITES }).flat()) {
      const printed = parser.parseAndModifySQL(sql, { unused: { newTableName: 'x' } })
      const [asWritten, asPrinted] = [await prepared(sql), await prepared(printed)]
      if (SYNTAX_ERRORS.has(asWritten))
        assert.ok(reasonOf(ONLY_MYSQL, sql, used) !== undefined, `the server does not accept ${sql}`)
      else assert.equal(asPrinted, asWritten, printed)
    }
    const stale = Object.keys(ONLY_MYSQL).filter((reason) => !used.has(reason))
    assert.deepEqual(stale, [], 'differences that are none any more')
  })

  test('what the grammar refuses the server refuses', async () => {
    const used = new Set<string>()
    for (const [sql] of REFUSED) {
      if (SYNTAX_ERRORS.has(await prepared(sql))) continue
      assert.ok(reasonOf(ONLY_MARIADB, sql, used) !== undefined, `the server accepts ${sql}`)
    }
    const stale = Object.keys(ONLY_MARIADB).filter((reason) => !used.has(reason))
    assert.deepEqual(stale, [], 'differences that are none any more')
  })

  /** Fills a database with the tables of the cases, but one, under their own names or those of `NAMES`. */
  async function fill(database: string, renamed: boolean, absent: string | undefined): Promise<void> {
    const run = async (sql: string) => db.query(renamed ? parser.parseAndModifySQL(sql, NAMES) : sql)
    await db.query(`DROP DATABASE IF EXISTS ${database}`)
    await db.query(`CREATE DATABASE ${database}`)
    await db.query(`USE ${database}`)
    for (const sql of TABLES) await run(sql)
    if (absent !== undefined) await run(`DROP TABLE ${absent}`)
  }

  type Outcome = { error: number; rows: unknown }

  async function outcome(database: string, sql: string): Promise<Outcome> {
    await db.query(`USE ${database}`)
    try {
      const [rows] = await db.query({ sql, rowsAsArray: true })
      return { error: 0, rows: Array.isArray(rows) ? rows : undefined }
    } catch (err) {
      return { error: errorOf(err), rows: undefined }
    }
  }

  /** Every row of every table, and what its columns are; without names. */
  async function state(database: string, renamed: boolean): Promise<unknown> {
    const found: unknown[] = []
    for (const table of ['users', 'orders', 'pairs', 'words']) {
      const name = (renamed ? NAMES[table]?.newTableName : undefined) ?? table
      const { error, rows } = await outcome(database, `SELECT * FROM \`${name}\``)
      found.push([table, error, rows])
    }
    const columns = `SELECT COUNT(*), MIN(column_type), MAX(column_type), SUM(is_nullable = 'YES'), SUM(column_key <> ''),
      MIN(generation_expression IS NULL) FROM information_schema.columns WHERE table_schema = DATABASE()
      GROUP BY table_name ORDER BY 1, 2, 3, 4, 5, 6`
    return [...found, await outcome(database, columns)]
  }

  test('a renamed statement does on renamed tables what the original does on the original ones', async () => {
    const used = new Set<string>()
    let ran = 0
    for (const [sql, renamed] of casesOf(READING, COMBINING, WRITING)) {
      if (sql.includes('?')) continue
      // Queries change nothing, so the tables can stay.
      if (ran === 0 || !/^\(?(SELECT|TABLE)/.test(sql)) {
        const absent = /^CREATE TABLE (\w+)|RENAME TO (\w+)/.exec(sql)
        await fill('original', false, absent?.[1] ?? absent?.[2])
        await fill('renamed', true, absent?.[1] ?? absent?.[2])
      }
      const before = await outcome('original', sql)
      const after = await outcome('renamed', renamed)
      assert.deepEqual(after, before, renamed)
      assert.deepEqual(await state('renamed', true), await state('original', false), renamed)
      if (before.error === 0) ran += 1
      else if (SYNTAX_ERRORS.has(before.error)) assert.ok(reasonOf(ONLY_MYSQL, sql, used) !== undefined, sql)
      else assert.ok(SEMANTIC.has(sql), `error ${before.error}: ${sql}`)
    }
    assert.ok(ran >= 105, `only ${ran} statements ran`)
  })
})

function errorOf(err: unknown): number {
  if (err instanceof Error && 'errno' in err && typeof err.errno === 'number') return err.errno
  throw err
}

const casesOf = (...groups: Renames[]) => groups.flatMap((group) => Object.values(group).flat())

const TABLES = [
  'CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(40), age INT)',
  'CREATE TABLE orders (order_id INT PRIMARY KEY, user_id INT, total INT)',
  'CREATE TABLE pairs (a INT, b INT, c INT)',
  'CREATE TABLE words (id INT, text VARCHAR(40), 名前 VARCHAR(40))',
  "INSERT INTO users (id, name, age) VALUES (1, 'ann', 31), (2, 'bob', 2), (3, 'id', 31), (4, NULL, 20)",
  'INSERT INTO orders (order_id, user_id, total) VALUES (10, 1, 31), (11, 1, 5), (12, 2, NULL), (13, 9, 2)',
  'INSERT INTO pairs (a, b, c) VALUES (1, 2, 3), (2, 1, 3), (5, 5, NULL)',
  "INSERT INTO words (id, text, 名前) VALUES (1, 'text', '名前'), (2, 'two', 'other')",
]

/** Cases that the server understands and then refuses, alike under both names. */
const SEMANTIC: ReadonlySet<string> = new Set([
  "SELECT MATCH (name, users.age) AGAINST ('name' IN BOOLEAN MODE) FROM users",
  'SELECT x.id FROM users',
  'SELECT id FROM other, users',
])
