import { DatabaseSync } from 'node:sqlite'
import { openKv } from '../../src/infra/kv/open.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'
import { type Row, rate, type Scenario } from '../report.ts'

const VALUE = 'x'.repeat(100)
const KEYS = 10_000

/** The embedded key-value store beside bare prepared statements on the same engine. */
export const kv: Scenario = {
  name: 'kv',
  run: async () => {
    await using folder = await temporaryFolder()
    const store = await openKv('badger://./kv', { home: folder.path })
    const bare = new DatabaseSync(`${folder.path}/bare.db`)
    bare.exec(
      'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE t(k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID',
    )
    const put = bare.prepare('INSERT OR REPLACE INTO t VALUES (?, ?)')
    const get = bare.prepare('SELECT v FROM t WHERE k = ?')
    const key = (i: number) => `key:${(i * 7919) % KEYS}`
    const name = 'bare SQLite'
    const rows: Row[] = [
      {
        name: 'kv set, one after the other',
        value: await rate((i) => store.set(key(i), VALUE)),
        unit: '/s',
        against: { name, value: await rate((i) => put.run(key(i), VALUE)) },
      },
      {
        name: 'kv get, one after the other',
        value: await rate((i) => store.get(key(i))),
        unit: '/s',
        against: { name, value: await rate((i) => get.get(key(i))) },
      },
      {
        name: 'kv incr, 64 at once',
        value: 64 * (await rate(() => many(64, (i) => store.incr(`n:${i}`)))),
        unit: '/s',
      },
      {
        name: 'kv set, 64 at once',
        value: 64 * (await rate(() => many(64, (i) => store.set(key(i), VALUE)))),
        unit: '/s',
      },
    ]
    bare.close()
    await store.close()
    return rows
  },
}

const many = (n: number, call: (i: number) => Promise<unknown>) =>
  Promise.all(Array.from({ length: n }, (_, i) => call(i)))
