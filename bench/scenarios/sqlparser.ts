import { loadModule, parseSync } from 'libpg-query'
import mysqlBuild from 'node-sql-parser/build/mysql.js'
import postgresBuild from 'node-sql-parser/build/postgresql.js'
import sqliteBuild from 'node-sql-parser/build/sqlite.js'
import { deparseSync } from 'pgsql-deparser'
import type { Dialect } from '../../src/infra/sqlparser/driver.ts'
import { openSqlParser } from '../../src/infra/sqlparser/open.ts'
import type { SqlParser, TableColumns } from '../../src/infra/sqlparser/sqlparser.ts'
import { sharedData } from '../../test-kit/shared-data.ts'
import type { Row, Scenario } from '../report.ts'

type Statement = readonly [sql: string, tables: TableColumns]
type Rewriter = { name: string; rewrite(sql: string): unknown }

const TABLES: TableColumns = {
  users: { newTableName: 'new_users', columnMap: { id: 'user_id', name: 'user_name', age: 'user_age' } },
  orders: { newTableName: 'new_orders', columnMap: { order_id: 'id', user_id: 'customer_id' } },
}
const SHORT: readonly Statement[] = [
  'SELECT id, name FROM users WHERE age > ?',
  'SELECT u.id, u.name, o.order_id FROM users AS u JOIN orders AS o ON u.id = o.user_id',
  'SELECT users.id, orders.order_id FROM users JOIN orders ON users.id = orders.user_id',
  "INSERT INTO users (id, name, age) VALUES (1, 'John', ?)",
  "UPDATE users SET name = 'John', age = 25 WHERE id = 1",
  'DELETE FROM users WHERE id = 1',
].map((sql) => [sql, TABLES])

/** Two kilobytes: CTEs, a window, sub-queries, a long condition. */
const LONG = `WITH recent AS (SELECT u.id, u.name, u.age FROM users u WHERE u.age BETWEEN 18 AND 99 AND u.name LIKE 'A%'),
  totals AS (SELECT o.user_id AS uid, COUNT(*) AS n, SUM(o.order_id) AS s FROM orders o GROUP BY o.user_id HAVING COUNT(*) > 1)
  SELECT r.id, r.name, t.n, t.s, RANK() OVER (PARTITION BY r.age ORDER BY t.s DESC) AS position,
  CASE WHEN r.age > 60 THEN 'senior' WHEN r.age > 30 THEN 'adult' ELSE 'young' END AS label
  FROM recent r JOIN totals t ON t.uid = r.id LEFT JOIN orders o2 ON o2.user_id = r.id AND o2.order_id > 10
  WHERE r.id IN (SELECT user_id FROM orders WHERE order_id > 100) AND EXISTS (SELECT 1 FROM orders o3 WHERE o3.user_id = r.id)
  AND (${Array.from({ length: 40 }, (_, i) => `(r.age = ${i} AND r.name <> 'name ${i}')`).join(' OR ')})
  ORDER BY position, r.name LIMIT 50`

type SharedCase = {
  sql: string
  wantErr?: boolean
  mappings: Record<string, { NewTableName?: string; ColumnMap?: Record<string, string> }>
}

/** The shared statements where they are at hand, else our own of the same kind. */
function shortStatements(): { what: string; statements: readonly Statement[] } {
  const { data } = sharedData<Record<string, SharedCase[]>>('sqlparser-shared-cases.json')
  const cases = (data?.TestSQLParser_ParseAndModifySQL ?? []).filter(({ wantErr }) => wantErr !== true)
  if (cases.length === 0) return { what: 'short statements', statements: SHORT }
  const statements = cases.map(({ sql, mappings }): Statement => {
    const entries = Object.entries(mappings).map(([table, { NewTableName, ColumnMap }]) => [
      table,
      { ...(NewTableName && { newTableName: NewTableName }), ...(ColumnMap && { columnMap: ColumnMap }) },
    ])
    return [sql, Object.fromEntries(entries)]
  })
  return { what: 'the shared statements', statements }
}

/** What one would take instead: a parser and a printer, without the resolving of names in between. */
const BESIDE: Readonly<Record<Dialect, () => readonly Rewriter[]>> = {
  mysql: () => [nodeSqlParser(new mysqlBuild.Parser())],
  sqlite: () => [nodeSqlParser(new sqliteBuild.Parser())],
  postgres: () => [
    nodeSqlParser(new postgresBuild.Parser()),
    { name: 'pgsql-deparser', rewrite: (sql) => deparseSync(parseSync(sql.replaceAll('?', '$1'))) },
  ],
}
const nodeSqlParser = (parser: InstanceType<typeof mysqlBuild.Parser>): Rewriter => ({
  name: 'node-sql-parser',
  rewrite: (sql) => parser.sqlify(parser.astify(sql)),
})
const AIMS: Readonly<Record<Dialect, string>> = { mysql: '≥ 30,000 /s', sqlite: '≥ 30,000 /s', postgres: '≥ 7,000 /s' }

/** Calls per second over a list, after a warm-up. */
function rate<T>(items: readonly T[], call: (item: T) => unknown, durationMs = 1_500): number {
  for (let round = 0; round < 200; round += 1) for (const item of items) call(item)
  const startedMs = performance.now()
  let calls = 0
  while (performance.now() - startedMs < durationMs) {
    for (const item of items) call(item)
    calls += items.length
  }
  return (calls * 1000) / (performance.now() - startedMs)
}

/** The better of two runs, in milliseconds; `undefined` when the call fails. */
function duration(call: () => unknown): number | undefined {
  const samples: number[] = []
  for (let round = 0; round < 2; round += 1) {
    const startedMs = performance.now()
    try {
      call()
    } catch {
      return undefined
    }
    samples.push(performance.now() - startedMs)
  }
  return Math.min(...samples)
}

const works = (rewriter: Rewriter, sql: string): boolean => duration(() => rewriter.rewrite(sql)) !== undefined

function rates(dialect: Dialect, parser: SqlParser): Row[] {
  const { what, statements } = shortStatements()
  const rows: Row[] = []
  for (const [name, list, aim] of [
    [`${dialect}: rewrite ${what}`, statements, AIMS[dialect]],
    [`${dialect}: rewrite ${LONG.length} characters`, [[LONG, TABLES] as const], undefined],
  ] as const) {
    const value = rate(list, ([sql, tables]) => parser.parseAndModifySQL(sql, tables))
    const beside = BESIDE[dialect]().map((rewriter) => {
      const accepted = list.filter(([sql]) => works(rewriter, sql))
      return {
        name: rewriter.name,
        value: accepted.length === 0 ? Number.NaN : rate(accepted, ([sql]) => rewriter.rewrite(sql)),
      }
    })
    for (const against of beside) rows.push({ name, value, unit: '/s', against, ...(aim && { aim }) })
  }
  return rows
}

function large(dialect: Dialect, parser: SqlParser): Row[] {
  const values = Array.from({ length: 20_000 }, (_, i) => i * 7).join(', ')
  const statements: [what: string, sql: string][] = [
    ['a list of 20,000 values', `SELECT id FROM users WHERE id IN (${values})`],
    ['a text of 1 MB', `SELECT id FROM users WHERE name = '${'x'.repeat(1_000_000)}'`],
    [
      'a list of 1 MB',
      `SELECT id FROM users WHERE id IN (${Array.from({ length: 145_000 }, (_, i) => 1e5 + i).join(',')})`,
    ],
  ]
  const rows: Row[] = []
  for (const [what, sql] of statements) {
    const value = duration(() => parser.parseAndModifySQL(sql, TABLES)) ?? Number.NaN
    for (const rewriter of BESIDE[dialect]()) {
      const other = duration(() => rewriter.rewrite(sql)) ?? Number.NaN
      rows.push({
        name: `${dialect}: ${what}`,
        value,
        unit: 'ms',
        aim: '≤ 1,000 ms',
        against: { name: rewriter.name, value: other },
      })
    }
  }
  return rows
}

/** How much memory the process holds more after 100,000 statements than after the first 20,000. */
function memory(dialect: Dialect, parser: SqlParser): Row {
  const { statements } = shortStatements()
  const run = (count: number) => {
    for (let at = 0; at < count; at += 1) {
      const [sql, tables] = statements[at % statements.length] ?? SHORT[0] ?? ['', {}]
      parser.parseAndModifySQL(`${sql} `, tables)
    }
  }
  const held = () => {
    globalThis.gc?.()
    return process.memoryUsage().rss / 1e6
  }
  run(20_000)
  const before = held()
  run(100_000)
  return { name: `${dialect}: memory after 100,000 statements more`, value: held() - before, unit: 'MB', aim: 'steady' }
}

/** The SQL parsers beside what one would take instead. */
export const sqlparser: Scenario = {
  name: 'sqlparser',
  run: async (log) => {
    await loadModule()
    const rows: Row[] = []
    for (const dialect of ['mysql', 'sqlite', 'postgres'] as const) {
      log(dialect)
      const parser = await openSqlParser(dialect)
      rows.push(...rates(dialect, parser), ...large(dialect, parser), memory(dialect, parser))
    }
    return rows
  },
}
