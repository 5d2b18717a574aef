import { after } from 'node:test'
import { createConnection } from 'mysql2/promise'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { type MariaDb, startMariaDb, withoutMariaDb } from '../../../../test-kit/mariadb.ts'
import { sqlParserCases } from '../conformance.ts'
import { openSqlParser } from '../open.ts'

let server: Promise<MariaDb> | undefined

/** Runs statements on MariaDB, in a database that is there for them only. */
async function rows(statements: readonly string[]): Promise<Record<string, unknown>[]> {
  server ??= startMariaDb()
  const { socketPath } = await server
  const db = await createConnection({ socketPath, user: 'root', flags: ['-IGNORE_SPACE'] })
  try {
    await db.query('CREATE DATABASE only_here')
    await db.query('USE only_here')
    let last: Record<string, unknown>[] = []
    for (const sql of statements) {
      const [result] = await db.query(sql)
      last = Array.isArray(result) ? result.map((row) => ({ ...row })) : []
    }
    return last
  } finally {
    await db.query('DROP DATABASE only_here')
    await db.end()
  }
}

runConformance('mysql', sqlParserCases, {
  features: new Set(withoutMariaDb === false ? ['engine'] : []),
  open: async () => {
    const parser = await openSqlParser('mysql')
    return { harness: { parser, quote: '`', engine: { rows } }, close: () => parser.close() }
  },
})

after(async () => (await server)?.stop())
