import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { mysqlDatabase } from '../../../../test-kit/mysql.ts'
import { service } from '../../../../test-kit/services.ts'
import { startTcpProxy } from '../../../../test-kit/tcp-proxy.ts'
import { testRefusedUris } from '../../../../test-kit/uris.ts'
import { dbCases } from '../conformance.ts'
import type { Database } from '../db.ts'
import { migrate } from '../migrate.ts'
import { createTable } from '../migrations/ddl.ts'
import type { Migration } from '../migrations/migration.ts'
import { openDatabase } from '../open.ts'

const FEATURES = new Set(['json_extract', 'statement.rollback', 'readers', 'guarded', 'guarded.timeout'])
const open = (uri: string) => openDatabase(uri, { home: '/nowhere' })

async function fresh(serverUri: string, query = '') {
  const { uri, remove } = await mysqlDatabase(serverUri)
  const database = await open(`${uri}${query}`)
  const close = async () => {
    await database.close()
    await remove()
  }
  return { uri, database, close, [Symbol.asyncDispose]: close }
}

testRefusedUris('openDatabase', open, [
  ['mysql://u:hunter2@h', /names no database/],
  ['mysql://u:hunter2@h/', /names no database/],
  ['mysql://u:hunter2@h/a/b', /not one/],
  ['mysql://u:hunter2@h1,h2/db', /one host/],
  ['mysql://u:hunter2@h/db?max_open=5', /no parameter "max_open"; known: ca, connect_timeout, idle_timeout/],
  ['mysql://u:hunter2@h/db?pool=0', /parameter "pool"/],
  ['mysql://u:hunter2@h/db?connect_timeout=soon', /connect_timeout/],
  ['mysql://u:hunter2@h/db?tls=maybe', /parameter "tls"/],
  ['mysql://u:hunter2@h/db?ca=/x.pem', /"ca" goes with tls=on/],
  ['mysql://u:hunter2@h/db?tls=on&ca=/nowhere/x.pem', /"ca" cannot be read/],
])

test('DB-01 mysql without a server is unavailable in time, and says what to do', async () => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  for (const at of [port, (silent.address() as AddressInfo).port]) {
    const opening = open(`mysql://u:secret@127.0.0.1:${at}/db?connect_timeout=300ms`)
    await assert.rejects(opening, (err: Error & { code?: string; cause?: Error }) => {
      assert.equal(err.code, 'unavailable')
      assert.match(err.message, /no MySQL server answers at 127\.0\.0\.1:\d+; start it, or correct DB_URI/)
      return !`${err.message} ${err.cause?.message}`.includes('secret')
    })
  }
  silent.close()
})

for (const name of ['mariadb', 'mysql'] as const) {
  const { uri: found, skip } = service(name)
  const server = found ?? ''
  const connections = async (database: Database): Promise<string[]> => {
    const list = sql<{ id: string }>`select id from information_schema.processlist
      where db = database() and id <> connection_id()`
    return (await list.execute(database.db)).rows.map(({ id }) => id)
  }

  if (skip === false)
    runConformance(name, dbCases, {
      features: FEATURES,
      open: async () => {
        const { database, close } = await fresh(server)
        return { harness: { database }, close }
      },
    })

  describe(name, { skip }, () => {
    test('a wrong password, a missing database and a wrong port are told apart, without the password', async () => {
      const wrong: [string, string, RegExp][] = [
        [server.replace(/\/\/.*@/, '//nobody_here:secret@'), 'unauthenticated', /refuses the user or password/],
        [
          server.replace(/\/[^/?]*(\?|$)/, '/no_such_database$1'),
          'failed_precondition',
          /"no_such_database"; create it/,
        ],
      ]
      for (const [uri, code, says] of wrong)
        await assert.rejects(open(uri), (err: Error & { code?: string; cause?: Error }) => {
          assert.deepEqual([err.code, says.test(err.message)], [code, true], err.message)
          return !`${err.message} ${err.cause?.message}`.includes('secret')
        })
    })

    test('errors say nothing of the statement and its values', async () => {
      await using kit = await fresh(server)
      const { db } = kit.database
      await sql`create table t (x int primary key)`.execute(db)
      const failing = sql`insert into t values (${'hidden text'})`.execute(db)
      await assert.rejects(failing, (err: Error & { cause?: object }) => {
        assert.deepEqual(Object.keys(err.cause ?? {}).includes('sql'), false)
        return !err.message.includes('hidden')
      })
    })

    test('health tells the server, its version and its isolation', async () => {
      await using kit = await fresh(server, '?pool=5')
      const { status, engine, checks } = await kit.database.health()
      assert.deepEqual([status, engine, checks.pool], ['up', name, 5])
      assert.match(String(checks.version), /^\d+\.\d+\.\d+/)
      assert.equal(checks.isolation, 'READ-COMMITTED')
    })

    test('sessions are in UTC, strict, and compare text by its characters', async () => {
      await using kit = await fresh(server)
      const { db } = kit.database
      const query = sql`select 'a' = 'A' as one, 'a' = 'a ' as two, 'é' = 'e' as three,
        timestampdiff(second, utc_timestamp(), now()) as four, "text" as five`
      assert.deepEqual((await query.execute(db)).rows, [{ one: 0, two: 0, three: 0, four: 0, five: 'text' }])
      await createTable(db as unknown as Kysely<unknown>, 'mysql', 't', { columns: { name: 'varchar', body: 'text' } })
      await sql`insert into t values ('a', 'b'), ('a ', 'B'), ('A', 'b ')`.execute(db)
      const { rows } = await sql`select count(distinct name) as n, count(distinct body) as b from t`.execute(db)
      assert.deepEqual(rows, [{ n: 3, b: 3 }])
    })

    test('texts of all kinds come back as they were', async () => {
      await using kit = await fresh(server)
      const texts = [
        "'",
        "''",
        '\\',
        "\\'",
        '\\\\',
        '"',
        '`',
        '\n\r\t\x1a',
        '%',
        '_',
        '?',
        '$1',
        '-- x',
        '/* ? */',
        '😀',
        '',
      ]
      for (const text of texts) {
        const { rows } = await sql`select ${text} as x, '?''\\'?' as y /* ? ' */, ${1} as z -- ?'
          , ${text} as w`.execute(kit.database.db)
        assert.deepEqual(rows, [{ x: text, y: "?''?", z: 1, w: text }], JSON.stringify(text))
      }
    })

    test('a connection that dies in a transaction rolls it back, and the pool goes on', async () => {
      await using kit = await fresh(server)
      const { database } = kit
      const { db } = database
      await sql`create table t (x int primary key)`.execute(db)
      const dying = database.transaction(async (tx) => {
        await sql`insert into t values (1)`.execute(tx)
        const { rows } = await sql<{ n: number }>`select connection_id() as n`.execute(tx)
        const killer = await open(kit.uri)
        await sql.raw(`kill ${rows[0]?.n}`).execute(killer.db)
        await killer.close()
        const insert = () => sql`insert into t values (2)`.execute(tx)
        await assert.rejects(
          async () => {
            for (;;) await insert().then(() => sql`delete from t where x = 2`.execute(tx))
          },
          { code: 'unavailable' },
        )
        await assert.rejects(sql`insert into t values (3)`.execute(tx), { code: 'failed_precondition' })
        await sql`select 1`.execute(tx)
      })
      await assert.rejects(dying, { code: 'failed_precondition' })
      assert.deepEqual((await sql`select * from t`.execute(db)).rows, [])
      await database.transaction((tx) => sql`insert into t values (4)`.execute(tx))
      assert.deepEqual((await sql`select * from t`.execute(db)).rows, [{ x: 4 }])
    })

    test('DB-54 a server that goes away is unavailable at once, and used again when it is back', async () => {
      await using kit = await fresh(server)
      const { port } = new URL(server.replace(/^mysql/, 'http'))
      await using proxy = await startTcpProxy(Number(port || 3306))
      const database = await open(kit.uri.replace(`:${port}`, `:${proxy.port}`).replace('localhost', '127.0.0.1'))
      try {
        await sql`create table t (x int)`.execute(database.db)
        const cutIn = database.transaction(async (tx) => {
          await sql`insert into t values (1)`.execute(tx)
          await proxy.cut()
          await sql`insert into t values (2)`.execute(tx)
        })
        await assert.rejects(cutIn, { code: 'unavailable' })
        await assert.rejects(sql`select 1`.execute(database.db), { code: 'unavailable' })
        assert.equal((await database.health()).status, 'down')
        await proxy.mend()
        assert.deepEqual((await sql`select * from t`.execute(database.db)).rows, [])
        assert.equal((await database.health()).status, 'up')
      } finally {
        await database.close()
      }
    })

    test('a deadlock is busy, and a transaction in one runs again', async () => {
      await using kit = await fresh(server)
      const { database } = kit
      await sql`create table t (x int primary key, y int)`.execute(database.db)
      await sql`insert into t values (1, 0), (2, 0)`.execute(database.db)
      let runs = 0
      const both = Promise.withResolvers<void>()
      const lock = (first: number, second: number) =>
        database.transaction(async (tx) => {
          await sql`update t set y = y + 1 where x = ${first}`.execute(tx)
          if (++runs === 2) both.resolve()
          await both.promise
          await sql`update t set y = y + 1 where x = ${second}`.execute(tx)
        })
      await Promise.all([lock(1, 2), lock(2, 1)])
      assert.deepEqual((await sql`select * from t order by x`.execute(database.db)).rows, [
        { x: 1, y: 2 },
        { x: 2, y: 2 },
      ])
      assert.equal(runs, 3)
    })

    test('a single statement that loses a deadlock runs again', async () => {
      await using kit = await fresh(server)
      const { db } = kit.database
      await sql`create table t (x int primary key, y int)`.execute(db)
      await sql`insert into t values (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0)`.execute(db)
      let single: Promise<unknown> = Promise.resolve()
      await kit.database.transaction(async (tx) => {
        // the transaction that has done more is the one that goes on
        await sql`update t set y = y + 10 where x <> 2`.execute(tx)
        single = kit.database.beside((outer) => sql`update t set y = y + 1 where x < 3 order by x desc`.execute(outer))
        single.catch(() => undefined)
        await sleep(300)
        await sql`update t set y = y + 10 where x = 2`.execute(tx)
      })
      await single
      const { rows } = await sql`select y from t order by x`.execute(db)
      assert.deepEqual(
        rows.map((row) => (row as { y: number }).y),
        [11, 11, 10, 10, 10, 10],
      )
    })

    test('a lock that is held too long is busy, a statement that runs too long is stopped', async () => {
      await using kit = await fresh(server, '?lock_timeout=1s&statement_timeout=500ms')
      const { db } = kit.database
      await sql`create table t (x int primary key, y int)`.execute(db)
      await sql`insert into t values (1, 0)`.execute(db)
      await kit.database.transaction(async (tx) => {
        await sql`select * from t for update`.execute(tx)
        const waiting = open(`${kit.uri}?lock_timeout=1s`).then(async (other) => {
          const write = sql`update t set y = 1`.execute(other.db)
          await assert.rejects(write, { code: 'busy' })
          await other.close()
        })
        await waiting
      })
      const endless = sql`select count(*) from information_schema.columns a, information_schema.columns b,
        information_schema.columns c where a.column_name < b.column_name`.execute(db)
      await assert.rejects(endless, { code: 'deadline_exceeded' })
    })

    test('transactions that read past themselves do not wait for each other', async () => {
      await using kit = await fresh(server, '?pool=4')
      const { database } = kit
      const work = () => database.transaction(async () => void (await sql`select sleep(0.01)`.execute(database.db)))
      await Promise.all(Array.from({ length: 20 }, work))
    })

    test('changes of the schema are refused inside a transaction, which they would commit', async () => {
      await using kit = await fresh(server)
      const ddl = kit.database.transaction((tx) => sql`create table t (x int)`.execute(tx))
      await assert.rejects(ddl, { code: 'failed_precondition' })
    })

    test('a migration that broke off is finished by the next start', async () => {
      await using kit = await fresh(server)
      let fails = true
      const migration: Migration = {
        name: '0001_two_tables',
        up: async (db, dialect) => {
          await createTable(db, dialect, 'one', { columns: { id: 'id', name: 'varchar' }, unique: [['name']] })
          if (fails) throw new Error('cut off')
          await createTable(db, dialect, 'two', { columns: { id: 'id' } })
        },
      }
      await assert.rejects(migrate(kit.database, [migration]), /cut off/)
      fails = false
      assert.deepEqual(await migrate(kit.database, [migration]), { applied: ['0001_two_tables'] })
      assert.deepEqual(await migrate(kit.database, [migration]), { applied: [] })
    })

    test('a database with tables of another program is refused', async () => {
      await using kit = await fresh(server)
      await sql`create table theirs (x int)`.execute(kit.database.db)
      await assert.rejects(migrate(kit.database), { code: 'failed_precondition', message: /another program/ })
    })

    test('DB-06 two processes that migrate at once apply each step once', async () => {
      await using kit = await fresh(server)
      const others = await Promise.all([open(kit.uri), open(kit.uri)])
      const counts = await Promise.all(others.map(async (database) => (await migrate(database)).applied.length))
      assert.equal(Math.min(...counts), 0)
      assert.ok(Math.max(...counts) > 0)
      for (const database of others) await database.close()
    })

    test('the rights that the manual names are enough', async () => {
      await using kit = await fresh(server)
      const database = new URL(kit.uri.replace(/^mysql/, 'http')).pathname.slice(1)
      const user = `snug_${database.slice(-8)}`
      const manual = readFileSync('docs/providers.md', 'utf8')
      const [, rights = ''] = /GRANT ([A-Z, ]+) ON snug/.exec(manual) ?? []
      assert.match(rights, /SELECT/)
      await sql.raw(`create user ${user}@'%' identified by 'secret'`).execute(kit.database.db)
      try {
        await sql.raw(`grant ${rights} on ${database}.* to ${user}@'%'`).execute(kit.database.db)
        const own = await open(kit.uri.replace(/\/\/.*?@/, `//${user}:secret@`))
        await migrate(own)
        await sql`create table t (x int primary key)`.execute(own.db)
        await sql`insert into t values (1)`.execute(own.db)
        await assert.rejects(sql`insert into t values (1)`.execute(own.db), { details: { constraint: 't.x' } })
        const endless = 'with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n, t'
        const statement = { sql: endless, parameters: [], tables: { t: [] }, maxRows: 1, maxBytes: 100 }
        await assert.rejects(own.guarded({ ...statement, timeoutMs: 100 }), { code: 'deadline_exceeded' })
        await assert.rejects(sql`select * from mysql.user`.execute(own.db), { code: 'permission_denied' })
        await own.close()
      } finally {
        await sql.raw(`drop user ${user}@'%'`).execute(kit.database.db)
      }
    })

    test('a change of the schema may take longer than other statements', async () => {
      await using kit = await fresh(server, '?statement_timeout=200ms')
      const { db } = kit.database
      await sql`create table t (x int)`.execute(db)
      await sql`insert into t values (1)`.execute(db)
      await sql`create table u as select x, sleep(0.4) as s from t`.execute(db)
      await assert.rejects(sql`select sleep(1) from information_schema.tables`.execute(db))
    })

    test('guarded statements leave no connection behind that still works', async () => {
      await using kit = await fresh(server)
      const { database } = kit
      await sql`create table t (x int)`.execute(database.db)
      await sql`insert into t values (1)`.execute(database.db)
      const endless = 'with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n, t'
      const statement = { sql: endless, parameters: [], tables: { t: [] }, maxRows: 1, maxBytes: 100, timeoutMs: 100 }
      const calls = Array.from({ length: 8 }, () => database.guarded(statement))
      for (const call of await Promise.allSettled(calls))
        assert.equal(call.status === 'rejected' ? (call.reason as { code: string }).code : call, 'deadline_exceeded')
      const endMs = performance.now() + 10_000
      const working = async () => {
        const list = sql<{ n: number }>`select count(*) as n from information_schema.processlist
          where db = database() and command = 'Query' and id <> connection_id()`
        return (await list.execute(database.db)).rows[0]?.n
      }
      while ((await working()) !== 0) assert.ok(performance.now() < endMs, 'a statement still runs')
      assert.ok((await connections(database)).length < 30)
    })

    test('what would get around the guard is refused', async () => {
      await using kit = await fresh(server)
      const { database } = kit
      await sql`create table t (x int)`.execute(database.db)
      await sql`insert into t values (1)`.execute(database.db)
      await sql`create table other (x int)`.execute(database.db)
      const texts = [
        'select * from t /*! union select x from other */',
        'select * from t /*!99999 x */ union select x from other',
        "select * from t into outfile '/tmp/x'",
        'select x into @a from t',
        'select @@datadir',
        'select sleep(1) from t',
        "select load_file('/etc/passwd') from t",
        "select get_lock('x', 1)",
        'select benchmark(1000000, 1)',
        'select * from information_schema.tables',
        'select * from mysql.user',
        'insert ignore into t values (99999999999)',
        'update ignore t set x = 99999999999',
        'update t join other on true set other.x = 1',
        'delete other from t join other',
        'insert into t select x from other',
        'replace into t values (1)',
        'insert into t values (1) on duplicate key update x = 2',
        'call p()',
        'do sleep(1)',
        'handler t open',
        'lock tables t write',
        'set @a = 1',
        "prepare s from 'select 1'",
        'table other',
        'truncate t',
      ]
      for (const text of texts) {
        const call = database.guarded({
          ...{ sql: text, parameters: [], maxRows: 10, maxBytes: 1000, timeoutMs: 5_000 },
          tables: { t: ['insert', 'delete'] },
        })
        await assert.rejects(call, (err: { code?: string; message?: string }) => {
          assert.match(String(err.code), /^(permission_denied|invalid_argument)$/, `${text}: ${err.message}`)
          return true
        })
      }
      const { rows } = await sql`select * from t`.execute(database.db)
      assert.deepEqual(rows, [{ x: 1 }])
    })
  })
}
