import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { postgresDatabase, postgresSchema, runOnPostgres } from '../../../../test-kit/postgres.ts'
import { service } from '../../../../test-kit/services.ts'
import { refusesUris } from '../../../../test-kit/uris.ts'
import { wireTo } from '../../../../test-kit/wire.ts'
import { codeOf } from '../../../base/errors.ts'
import { dbCases } from '../conformance.ts'
import type { Database } from '../db.ts'
import { migrate, migrationStatus } from '../migrate.ts'
import { createTable } from '../migrations/ddl.ts'
import { openDatabase } from '../open.ts'

const FEATURES = new Set(['returning', 'upsert.target', 'ddl.transactional', 'readers', 'guarded', 'guarded.timeout'])

const server = service('postgres')
const own = server.uri === undefined ? undefined : await postgresDatabase(server.uri)
const skip = own === undefined && server.skip
const ownUri = own?.uri ?? ''
after(() => own?.remove())

if (skip !== false) test('PostgreSQL', { skip }, () => undefined)
else
  runConformance('postgres', dbCases, {
    features: FEATURES,
    open: async () => {
      const { uri, schema, remove } = postgresSchema(ownUri)
      await runOnPostgres(ownUri, `create schema "${schema}"`)
      const database = await openDatabase(uri, { home: '/nowhere' })
      const close = async () => {
        await database.close()
        await remove()
      }
      return { harness: { database }, close }
    },
  })

/** An empty schema of its own; `params` are further ones of the URI, `change` may alter its text. */
async function opened(params = '', change = (uri: string) => uri): Promise<Database & AsyncDisposable> {
  const { uri, schema, remove } = postgresSchema(ownUri)
  await runOnPostgres(ownUri, `create schema "${schema}"`)
  const database = await openDatabase(change(`${uri.replace(/&pool=\d+/, '')}${params}`), { home: '/nowhere' })
  const dispose = async () => {
    await database.close()
    await remove()
  }
  return Object.assign(database, { [Symbol.asyncDispose]: dispose })
}

async function withCounter(database: Database): Promise<void> {
  await sql`create table t (id bigint primary key, n bigint not null)`.execute(database.db)
  await sql`insert into t values (1, 0), (2, 0)`.execute(database.db)
}
const valuesOf = async ({ db }: Database) =>
  (await sql<{ n: number }>`select n from t order by t.id`.execute(db)).rows.map(({ n }) => n)

test('bad URIs are refused with a reason and without their password', () =>
  refusesUris(
    (uri) => openDatabase(uri, { home: '/nowhere' }),
    [
      ['postgres://u:hunter2@h', /names one database/],
      ['postgres://u:hunter2@h/', /names one database/],
      ['postgres://u:hunter2@h/a/b', /names one database/],
      ['postgres://u:hunter2@h1,h2/d', /names one host/],
      ['postgres://u:hunter2@/d', /names no host/],
      ['postgres://:hunter2@h/d', /names no user/],
      ['postgres://u:hunter2@h:99999/d', /port/],
      [
        'postgres://u:hunter2@h/d?password=hunter2',
        /no parameter "password"; known: application_name, connect_timeout/,
      ],
      ['postgres://u:hunter2@h/d?pool=2', /parameter "pool"/],
      ['postgres://u:hunter2@h/d?pool=many', /parameter "pool"/],
      ['postgres://u:hunter2@h/d?schema=Bad"', /parameter "schema"/],
      ['postgres://u:hunter2@h/d?sslmode=prefer', /parameter "sslmode"/],
      ['postgres://u:hunter2@h/d?statement_timeout=5', /parameter "statement_timeout"/],
      ['postgres://u:hunter2@h/d?socket=here', /parameter "socket"/],
      ['postgresql://u:hunter2@h/d?sslmode=verify-full&sslrootcert=/nowhere/ca.pem', /sslrootcert/],
    ],
  ))

test('a server that is not there: unavailable, in time, with what to do', async () => {
  const startedMs = performance.now()
  await assert.rejects(
    openDatabase('postgres://u:hunter2@127.0.0.1:1/d?connect_timeout=600ms', { home: '/nowhere' }),
    (err: Error & { code?: string }) => {
      assert.equal(err.code, 'unavailable')
      assert.match(err.message, /cannot be reached: is it running/)
      return !err.message.includes('hunter2')
    },
  )
  assert.ok(performance.now() - startedMs < 5_000)
})

test('a database that does not exist is said so at once', { skip }, async () => {
  const uri = ownUri.replace(/\/\w+$/, '/snug_nowhere')
  await assert.rejects(openDatabase(uri, { home: '/nowhere' }), { code: 'failed_precondition', message: /create it/ })
})

test('every connection has the same settings, whatever those of the server', { skip }, async () => {
  await runOnPostgres(ownUri, `alter database ${own?.name} set timezone = 'Asia/Tokyo'`)
  await runOnPostgres(ownUri, `alter database ${own?.name} set default_transaction_isolation = 'serializable'`)
  await using database = await opened('&application_name=snug-a&statement_timeout=7s&idle_in_transaction_timeout=8s')
  const show = async (name: string) =>
    Object.values((await sql<object>`${sql.raw(`show ${name}`)}`.execute(database.db)).rows[0] ?? {})[0]
  const expected = {
    timezone: 'UTC',
    client_encoding: 'UTF8',
    standard_conforming_strings: 'on',
    statement_timeout: '7s',
    idle_in_transaction_session_timeout: '8s',
    transaction_isolation: 'read committed',
    application_name: 'snug-a',
    bytea_output: 'hex',
  }
  for (const [name, value] of Object.entries(expected)) assert.equal(await show(name), value, name)
})

test('text is in the order of its characters, in a database that sorts as English does', { skip }, async () => {
  await using database = await opened()
  const { db } = database
  await createTable(db as never, 'postgres', 'word', { columns: { id: 'id', name: 'varchar', body: 'text' } })
  const words = ['b', 'B', 'a', 'A', '_', 'é', '中', 'ab', 'a b', '']
  for (const [id, word] of words.entries()) await sql`insert into word values (${id}, ${word}, ${word})`.execute(db)
  for (const column of ['name', 'body']) {
    const { rows } = await sql<{
      w: string
    }>`select ${sql.ref(column)} as w from word order by ${sql.ref(column)}`.execute(db)
    assert.deepEqual(
      rows.map(({ w }) => w),
      [...words].sort(),
    )
  }
  const english = await sql<{ w: string }>`select name as w from word order by name collate "default"`.execute(db)
  assert.notDeepEqual(
    english.rows.map(({ w }) => w),
    [...words].sort(),
  )
})

test('a commit after a statement that failed is refused, though its error was caught', { skip }, async () => {
  await using database = await opened()
  await withCounter(database)
  const swallowing = database.transaction(async (tx) => {
    await sql`update t set n = 5`.execute(tx)
    await sql`insert into t values (1, 1)`.execute(tx).catch(() => undefined)
  })
  await assert.rejects(swallowing, { code: 'failed_precondition' })
  assert.deepEqual(await valuesOf(database), [0, 0])
})

test('transactions that lock each other out are run again', { skip }, async () => {
  await using database = await opened()
  await withCounter(database)
  const { promise: bothHold, resolve } = Promise.withResolvers<void>()
  let holding = 0
  let runs = 0
  const change = (first: number, second: number) =>
    database.transaction(async (tx) => {
      runs++
      await sql`update t set n = n + 1 where id = ${first}`.execute(tx)
      if (++holding === 2) resolve()
      await bothHold
      await sql`update t set n = n + 1 where id = ${second}`.execute(tx)
    })
  await Promise.all([change(1, 2), change(2, 1)])
  assert.deepEqual(await valuesOf(database), [2, 2])
  assert.equal(runs, 3)
})

test('a statement that waits too long is stopped', { skip }, async () => {
  await using database = await opened('&statement_timeout=300ms')
  await withCounter(database)
  await database.transaction(async (tx) => {
    await sql`select n from t for update`.execute(tx)
    const beside = await openDatabase(`${ownUri}?statement_timeout=300ms`, { home: '/nowhere' })
    const slow = sql`select pg_sleep(20)`.execute(beside.db)
    await assert.rejects(slow, { code: 'deadline_exceeded' })
    await beside.close()
  })
  assert.deepEqual(await valuesOf(database), [0, 0])
})

test('transactions that read past themselves do not wait for each other’s connections', { skip }, async () => {
  await using database = await opened('&pool=3')
  await withCounter(database)
  const one = () =>
    database.transaction(async (tx) => {
      await sql`update t set n = n + 1 where id = 1`.execute(tx)
      await valuesOf(database)
    })
  await Promise.all(Array.from({ length: 20 }, one))
  assert.deepEqual(await valuesOf(database), [20, 0])
})

/** What the table holds, as soon as no connection of the pool is a lost one any more. */
async function valuesSoon(database: Database): Promise<unknown> {
  for (let attempt = 0; ; attempt++)
    try {
      return await valuesOf(database)
    } catch (err) {
      if (attempt === 20 || codeOf(err) !== 'unavailable') throw err
      await sleep(20)
    }
}

test('a transaction whose connection is lost is undone and says so; the next one works', { skip }, async () => {
  await using database = await opened('&application_name=snug-lost')
  await withCounter(database)
  const kill = () =>
    runOnPostgres(ownUri, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'snug-lost'`)
  const losing = database.transaction(async (tx) => {
    await sql`update t set n = 9`.execute(tx)
    await kill()
    await sql`update t set n = 10`.execute(tx)
  })
  await assert.rejects(losing, { code: 'unavailable' })
  assert.deepEqual(await valuesSoon(database), [0, 0])
  const atTheEnd = database.transaction(async (tx) => {
    await sql`update t set n = 9`.execute(tx)
    await kill()
  })
  await assert.rejects(atTheEnd, { code: 'unavailable' })
  const waiting = sql`select pg_sleep(20)`.execute(database.db)
  setTimeout(kill, 100)
  await assert.rejects(waiting, { code: 'unavailable' })
  assert.deepEqual(await valuesSoon(database), [0, 0])
})

test('while the server is cut off calls fail as unavailable, and work again afterwards', { skip }, async () => {
  await using wire = await wireTo(Number(new URL(ownUri).port))
  await using database = await opened('&connect_timeout=1s', (uri) => uri.replace(/:\d+\//, `:${wire.port}/`))
  await withCounter(database)
  wire.cut()
  for (let i = 0; i < 3; i++) {
    await assert.rejects(valuesOf(database), { code: 'unavailable' })
    await assert.rejects(
      database.transaction((tx) => sql`update t set n = 1`.execute(tx)),
      { code: 'unavailable' },
    )
  }
  const statement = { sql: 'select 1', parameters: [], tables: {}, maxRows: 1, maxBytes: 100, timeoutMs: 1_000 }
  await assert.rejects(database.guarded(statement), { code: 'unavailable' })
  assert.equal((await database.health()).status, 'down')
  wire.mend()
  assert.deepEqual(await valuesOf(database), [0, 0])
  assert.equal((await database.health()).status, 'up')
})

test('a server that does not answer any more is given up after the time limit', { skip }, async () => {
  await using wire = await wireTo(Number(new URL(ownUri).port))
  const change = (uri: string) => uri.replace(/:\d+\//, `:${wire.port}/`)
  await using database = await opened('&statement_timeout=200ms&connect_timeout=500ms', change)
  await withCounter(database)
  wire.freeze()
  const startedMs = performance.now()
  await assert.rejects(valuesOf(database), { code: 'deadline_exceeded' })
  await assert.rejects(valuesOf(database), (err: { code?: string }) =>
    /^(unavailable|deadline_exceeded)$/.test(err.code ?? ''),
  )
  assert.ok(performance.now() - startedMs < 15_000)
  wire.mend()
  assert.deepEqual(await valuesOf(database), [0, 0])
})

test('DB-06 processes that start at once migrate once', { skip }, async () => {
  const { uri, remove } = postgresSchema(ownUri)
  const all = await Promise.all(Array.from({ length: 4 }, () => openDatabase(uri, { home: '/nowhere' })))
  const applied = await Promise.all(all.map((database) => migrate(database)))
  assert.equal(applied.filter(({ applied: names }) => names.length > 0).length, 1)
  for (const database of all) await database.close()
  await remove()
})

test('a migration takes as long as it takes', { skip }, async () => {
  await using database = await opened('&statement_timeout=100ms')
  const slow = {
    name: '0001_slow',
    up: async (db: Kysely<unknown>) => void (await sql`select pg_sleep(5.5)`.execute(db)),
  }
  assert.deepEqual(await migrate(database, [slow]), { applied: ['0001_slow'] })
})

test('schemas of one database do not see each other', { skip }, async () => {
  await using first = await opened()
  await using second = await opened()
  await migrate(first)
  assert.deepEqual((await migrationStatus(second)).applied, [])
  await migrate(second)
  assert.deepEqual((await migrationStatus(second)).pending, [])
})

test('an owner of its database is enough; a superuser is warned of', { skip }, async () => {
  const role = `${own?.name}_role`
  await runOnPostgres(ownUri, `create role ${role} login`)
  const made = `${own?.name}_2`
  await runOnPostgres(ownUri, `create database ${made} owner ${role} encoding 'UTF8' template template0`)
  try {
    const uri = ownUri.replace(/\/\/[^@]+@/, `//${role}@`).replace(/\/\w+$/, `/${made}`)
    const database = await openDatabase(`${uri}?schema=snug`, { home: '/nowhere' })
    await migrate(database)
    const statement = {
      sql: 'select count(*) from setting',
      parameters: [],
      maxRows: 1,
      maxBytes: 100,
      timeoutMs: 5_000,
    }
    assert.deepEqual((await database.guarded({ ...statement, tables: { setting: [] } })).rows, [[0n]])
    const health = await database.health()
    assert.deepEqual([health.status, health.checks.isSuperuser, health.checks.warning], ['up', false, undefined])
    await database.close()
  } finally {
    await runOnPostgres(ownUri, `drop database ${made} with (force)`)
    await runOnPostgres(ownUri, `drop role ${role}`)
  }
  await using database = await opened()
  const { checks } = await database.health()
  assert.match(String(checks.warning), /role of its own/)
  assert.match(String(checks.version), /^\d+/)
})
