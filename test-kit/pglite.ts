import { after } from 'node:test'
import type { PGlite } from '@electric-sql/pglite'

export type TestPostgres = {
  /** Runs statements one after the other in a transaction that is undone; gives the rows of the last. */
  rows(statements: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>
}

/**
 * PostgreSQL inside this process, started on first use and shared by the tests of a file. `undefined` where it cannot be
 * loaded: the tests that need it are then skipped.
 */
export async function testPostgres(): Promise<TestPostgres | undefined> {
  const loaded = await import('@electric-sql/pglite').catch(() => undefined)
  if (loaded === undefined) return undefined
  let starting: Promise<PGlite> | undefined
  after(async () => (await starting)?.close())
  return {
    rows: async (statements) => {
      starting ??= loaded.PGlite.create()
      const db = await starting
      await db.exec('BEGIN')
      try {
        let last: Record<string, unknown>[] = []
        for (const sql of statements) last = (await db.query<Record<string, unknown>>(sql)).rows
        return last
      } finally {
        await db.exec('ROLLBACK')
      }
    },
  }
}
