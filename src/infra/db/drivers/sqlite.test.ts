import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { sql } from 'kysely'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { testDatabase } from '../../../../test-kit/db.ts'
import { temporaryFolder } from '../../../../test-kit/tmp.ts'
import { testRefusedUris } from '../../../../test-kit/uris.ts'
import { type Operation, operations } from '../../../base/observe.ts'
import { dbCases } from '../conformance.ts'
import { openDatabase } from '../open.ts'

const FEATURES = new Set([
  'returning',
  'upsert.target',
  'json_extract',
  'fts5',
  'ddl.transactional',
  'statement.rollback',
  'readers',
  'backup',
  'guarded',
  'guarded.timeout',
])

for (const query of ['', '?sync=full&cache=1mb'])
  runConformance(`sqlite${query}`, dbCases, {
    features: FEATURES,
    open: async () => {
      const folder = await temporaryFolder()
      const database = await openDatabase(`sqlite://./data/app.db${query}`, { home: folder.path })
      const close = async () => {
        await database.close()
        await folder.remove()
      }
      return { harness: { database }, close }
    },
  })

runConformance('sqlite in memory', dbCases, {
  features: new Set([...FEATURES].filter((name) => !['readers', 'backup', 'guarded.timeout'].includes(name))),
  open: async () => {
    const database = await openDatabase('sqlite://:memory:', { home: '/nowhere' })
    return { harness: { database }, close: () => database.close() }
  },
})

testRefusedUris('openDatabase', (uri) => openDatabase(uri, { home: '/dev/null' }), [
  ['sqlite://./x.db?sync=off', /parameter "sync"/],
  ['sqlite://./x.db?journal=wal', /no parameter "journal"; known: busy_timeout, cache, sync/],
  ['sqlite://./x.db?cache=lots', /cache/],
  ['sqlite://', /names no path/],
  ['oracle://u:hunter2@h/db', /DB_URI: the scheme "oracle:".*available: .*sqlite:/],
])

test('DB-01 missing folders are created and the data is there after a reopen', async () => {
  await using folder = await temporaryFolder()
  const uri = 'sqlite://a/b%20c/app.db?x-note=ignored'
  const first = await openDatabase(uri, { home: folder.path })
  await sql`create table t (id integer primary key, name text) strict`.execute(first.db)
  await sql`insert into t values (1, 'kept')`.execute(first.db)
  await first.close()
  const second = await openDatabase(`sqlite://${join(folder.path, 'a/b%20c/app.db')}`, { home: '/elsewhere' })
  assert.deepEqual((await sql`select * from t`.execute(second.db)).rows, [{ id: '1', name: 'kept' }])
  await second.close()
})

test('a file that is not a database is corrupt, one of another program is refused and left alone', async () => {
  await using folder = await temporaryFolder()
  const open = (name: string) => openDatabase(`sqlite://${name}`, { home: folder.path })
  writeFileSync(join(folder.path, 'text.db'), 'this is no database at all, just some text that is long enough')
  await assert.rejects(open('text.db'), { code: 'corrupt' })
  const foreign = new DatabaseSync(join(folder.path, 'foreign.db'))
  foreign.exec('CREATE TABLE theirs (x)')
  await assert.rejects(open('foreign.db'), { code: 'failed_precondition', message: /another program/ })
  assert.equal(foreign.prepare('PRAGMA journal_mode').get()?.journal_mode, 'delete')
  foreign.close()
})

test('DB-48 the file is in WAL mode with foreign keys on, and health says so without secrets or paths', async () => {
  await using database = await testDatabase()
  const health = await database.health()
  assert.equal(health.status, 'up')
  assert.equal(health.engine, 'sqlite')
  assert.match(String(health.checks.version), /^3\./)
  assert.equal(health.checks.journalMode, 'wal')
  assert.equal(health.checks.sync, 'normal')
  assert.ok(Number(health.checks.sizeBytes) > 0)
  assert.deepEqual((await sql`pragma foreign_keys`.execute(database.db)).rows, [{ foreign_keys: 1 }])
})

test('foreign keys, NOT NULL, CHECK and strict types are classified', async () => {
  await using database = await testDatabase()
  const run = (text: string) => sql.raw(text).execute(database.db)
  await run('create table parent (id integer primary key) strict')
  await run('create table child (parent_id integer not null references parent(id) check (parent_id > 0)) strict')
  await assert.rejects(run('insert into child values (5)'), { code: 'failed_precondition' })
  await assert.rejects(run('insert into child values (null)'), { code: 'invalid_argument' })
  await assert.rejects(run('insert into child values (-1)'), { code: 'invalid_argument' })
  await assert.rejects(run("insert into child values ('x')"), { code: 'invalid_argument' })
})

test('a full database is resource_exhausted; its transaction is gone and what is there stays', async () => {
  await using database = await testDatabase()
  const { db } = database
  await sql`create table big (id integer primary key, body text) strict`.execute(db)
  await sql`pragma max_page_count = 100`.execute(db)
  const fill = database.transaction(async (tx) => {
    await sql`insert into big values (1, 'small')`.execute(tx)
    const filling = sql`insert into big values (2, ${'x'.repeat(2_000_000)})`.execute(tx)
    await assert.rejects(filling, { code: 'resource_exhausted' })
    await sql`insert into big values (3, 'after')`.execute(tx)
  })
  await fill.catch(() => undefined)
  const { rows } = await sql<{ id: string }>`select id from big`.execute(db)
  assert.ok(!rows.some(({ id }) => id === '2'))
  assert.ok(rows.length === 0 || rows.length === 2, 'the two small rows stand or fall together')
})

test('DB-27 a foreign lock is waited for, retried three times, then reported as busy', async () => {
  await using folder = await temporaryFolder()
  const database = await openDatabase('sqlite://app.db?busy_timeout=5ms', { home: folder.path })
  await sql`create table t (id integer) strict`.execute(database.db)
  const other = new DatabaseSync(join(folder.path, 'app.db'))
  other.exec('BEGIN IMMEDIATE')
  let runs = 0
  const work = () =>
    database.transaction(async (tx) => {
      runs++
      await sql`insert into t values (1)`.execute(tx)
    })
  await assert.rejects(work(), { code: 'busy' })
  assert.equal(runs, 0)
  setTimeout(() => other.exec('ROLLBACK'), 10)
  await work()
  assert.equal(runs, 1)
  other.close()
  await database.close()
})

test('an integer is bound as an integer, a fraction as a real', async () => {
  await using database = await testDatabase()
  const types = sql`select typeof(${1}) as one, typeof(${1.5}) as half, typeof(${true}) as yes, typeof(${'1'}) as word`
  const { rows } = await types.execute(database.db)
  assert.deepEqual(rows, [{ one: 'integer', half: 'real', yes: 'integer', word: 'text' }])
})

test('every query is published with its kind and outcome', async () => {
  await using database = await testDatabase()
  const seen: Operation[] = []
  const listen = (message: unknown) => void seen.push(message as Operation)
  operations.subscribe(listen)
  try {
    await database.db.selectFrom('account').selectAll().execute()
    await database.transaction(async (tx) => {
      await sql`select 1`.execute(tx)
      await assert.rejects(sql`insert into nowhere values (1)`.execute(tx))
    })
  } finally {
    operations.unsubscribe(listen)
  }
  const outcomes = seen.map(({ capability, provider, op, code }) => `${capability} ${provider} ${op} ${code}`)
  const expected = ['select ok', 'begin ok', 'raw ok', 'raw internal', 'commit ok']
  assert.deepEqual(
    outcomes,
    expected.map((text) => `db sqlite ${text}`),
  )
  assert.ok(seen.every(({ durationMs }) => durationMs >= 0))
})

test('DB-41 a long chain of queries lets timers run', async () => {
  await using database = await testDatabase()
  let ticks = 0
  const timer = setInterval(() => ticks++, 1)
  const endMs = performance.now() + 5_000
  while (ticks < 3 && performance.now() < endMs) await sql`select 1`.execute(database.db)
  clearInterval(timer)
  assert.equal(ticks, 3)
})

test('DB-50 a backup during writes is whole and has every row that was committed before it began', async () => {
  await using folder = await temporaryFolder()
  await using database = await testDatabase()
  const { db } = database
  await sql`create table t (id integer primary key, body text) strict`.execute(db)
  const ids = JSON.stringify(Array.from({ length: 2000 }, (_, i) => i + 1))
  await sql`insert into t select value, hex(randomblob(500)) from json_each(${ids})`.execute(db)
  const path = join(folder.path, 'copy.db')
  let parts = 0
  const copying = database.backup(path, { onProgress: () => parts++ })
  for (let id = 5000; id < 5050; id++) await sql`insert into t values (${id}, 'during')`.execute(db)
  await copying
  assert.ok(parts > 0)
  const copy = new DatabaseSync(path)
  assert.equal(copy.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok')
  assert.equal(copy.prepare('SELECT count(*) AS n FROM t').get()?.n, 2000, 'one snapshot')
  copy.close()
  await assert.rejects(database.backup(path), { code: 'already_exists' })
  const abort = new AbortController()
  const aborted = database.backup(`${path}2`, { signal: abort.signal, onProgress: () => abort.abort() })
  await assert.rejects(aborted, { code: 'canceled' })
  assert.ok(!existsSync(`${path}2`))
  assert.equal((await sql<{ n: number }>`select count(*) as n from t`.execute(db)).rows[0]?.n, 2050)
})

const MODULES = {
  open: pathToFileURL(resolve('src/infra/db/open.ts')).href,
  migrate: pathToFileURL(resolve('src/infra/db/migrate.ts')).href,
  kysely: import.meta.resolve('kysely'),
}

/** A second Node process with the database modules at hand. */
function child(script: string, home: string) {
  const head = `import { openDatabase } from '${MODULES.open}'; import { migrate } from '${MODULES.migrate}';
    import { sql } from '${MODULES.kysely}'; const home = ${JSON.stringify(home)};`
  const args = ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', head + script]
  const spawned = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  spawned.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return { process: spawned, output: () => output }
}

test('DB-06 two processes that start at once migrate once, and only one at a time has the file', async () => {
  await using folder = await temporaryFolder()
  const script = `for (;;) {
      try {
        const database = await openDatabase('sqlite://app.db', { home })
        const { applied } = await migrate(database)
        await database.close()
        console.log(applied.length)
        break
      } catch (err) {
        if (err.code !== 'busy') throw err
        await new Promise((done) => setTimeout(done, 20))
      }
    }`
  const children = [child(script, folder.path), child(script, folder.path)]
  const codes = await Promise.all(children.map(async ({ process }) => (await once(process, 'close'))[0]))
  assert.deepEqual(codes, [0, 0])
  const counts = children.map(({ output }) => Number(output().trim())).sort()
  assert.equal(counts[0], 0)
  assert.ok((counts[1] ?? 0) > 0)
})

test('DB-49 what was committed survives kill -9, what was not is gone, and the file is free again', async () => {
  await using folder = await temporaryFolder()
  const { process: victim } = child(
    `const database = await openDatabase('sqlite://app.db', { home })
     await sql\`create table t (id integer primary key) strict\`.execute(database.db)
     await sql\`insert into t values (1)\`.execute(database.db)
     await database.transaction(async (tx) => {
       await sql\`insert into t values (2)\`.execute(tx)
       console.log('written')
       await new Promise((done) => setTimeout(done, 60_000))
     })`,
    folder.path,
  )
  await once(victim.stdout, 'data')
  await assert.rejects(openDatabase('sqlite://app.db', { home: folder.path }), {
    code: 'busy',
    message: new RegExp(`pid ${victim.pid}`),
  })
  victim.kill('SIGKILL')
  await once(victim, 'close')
  const database = await openDatabase('sqlite://app.db', { home: folder.path })
  assert.deepEqual((await sql`select id from t`.execute(database.db)).rows, [{ id: '1' }])
  await database.close()
})

test('a full disk does not keep a database from closing', async () => {
  await using folder = await temporaryFolder()
  const open = () => openDatabase('sqlite://./app.db', { home: folder.path })
  const database = await open()
  const run = (text: string) => sql.raw(text).execute(database.db)
  await run('create table t (x integer) strict')
  await run('create index t_x on t (x)')
  await run(
    'with recursive n(x) as (values (1) union all select x + 1 from n where x < 1000) insert into t select x from n',
  )
  await run('select * from t where x = 5')
  await run('pragma max_page_count = 1')
  await assert.rejects(
    run('create table u as select hex(randomblob(100000)) as x'),
    (err: Error & { code?: string }) => {
      assert.equal(err.code, 'resource_exhausted')
      assert.match(err.message, /no room is left/)
      return true
    },
  )
  await database.close()
  await (await open()).close()
})
