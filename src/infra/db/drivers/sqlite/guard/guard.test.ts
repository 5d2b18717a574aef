import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sql } from 'kysely'
import { temporaryFolder } from '../../../../../../test-kit/tmp.ts'
import type { GuardedStatement, GuardedWrite } from '../../../driver.ts'
import { openDatabase } from '../../../open.ts'

/** A database with the tables `note` (granted) and `secret`. */
async function opened(uri = 'sqlite://./app.db') {
  const folder = await temporaryFolder()
  const database = await openDatabase(uri, { home: folder.path })
  await sql`create table note (id integer primary key, body text unique, x real) strict`.execute(database.db)
  await sql`create table secret (id integer primary key, body text) strict`.execute(database.db)
  await sql`insert into note values (1, 'eins', 0.5), (2, 'zwei', null)`.execute(database.db)
  const run = (text: string, grants: readonly GuardedWrite[] = [], extra: Partial<GuardedStatement> = {}) =>
    database.guarded({
      sql: text,
      parameters: [],
      tables: { note: grants },
      maxRows: 1000,
      maxBytes: 1e6,
      timeoutMs: 20_000,
      ...extra,
    })
  const dispose = async () => {
    await database.close()
    await folder.remove()
  }
  return { database, home: folder.path, run, [Symbol.asyncDispose]: dispose }
}

const ALL: readonly GuardedWrite[] = ['insert', 'update', 'delete']

const REFUSED = [
  "attach 'other.db' as other",
  "ATTACH DATABASE 'other.db' AS other",
  "vacuum into 'copy.db'",
  "/* select */ vacuum into 'copy.db'",
  '-- select\nvacuum',
  'pragma journal_mode=delete',
  'pragma user_version=7',
  'pragma table_info(secret)',
  "select * from pragma_table_info('secret')",
  'select count(*) from pragma_table_list',
  'select * from pragma_database_list',
  'select * from sqlite_schema',
  'select count(*) from sqlite_master',
  'select * from sqlite_temp_schema',
  'select * from sqlite_sequence',
  'select * from dbstat',
  'select * from main.secret',
  'select * from temp.note',
  'select count(*) from "Secret"',
  'select 1 from note where exists (select 1 from [secret])',
  'select (select body from secret)',
  'create temp table x as select * from note',
  'create view v as select * from note',
  'create trigger t after insert on note begin delete from secret; end',
  "create virtual table f using fts5(body, content='secret')",
  'drop table note',
  'alter table note rename to x',
  'reindex',
  'analyze',
  'savepoint s',
  'begin immediate',
  'end',
  "select load_extension('./x.so')",
  "select readfile('/etc/hostname')",
  "select writefile('x', 'y')",
  'select sqlite_version()',
  'select sqlite_compileoption_get(1)',
  'select last_insert_rowid()',
  'select fts5_source_id()',
  "insert or replace into note values (1, 'x', 1)",
  "replace into note values (1, 'x', 1)",
  "insert /* or */ or -- x\n replace into note values (1, 'x', 1)",
  "with c as (select 1) replace into note values (1, 'x', 1)",
  "update or replace note set body = 'eins'",
  'select 1; select 2',
  'select 1; vacuum into "copy.db"',
  '',
  ' ; ',
  '-- nothing',
  'sel ct',
]

for (const uri of ['sqlite://./app.db', 'sqlite://:memory:'])
  test(`what reaches further is refused, whoever may write (${uri})`, async () => {
    await using guarded = await opened(uri)
    const { database, home, run } = guarded
    for (const text of REFUSED)
      for (const grants of [[], ALL])
        await assert.rejects(run(text, grants), (err: Error & { code?: string }) => {
          assert.match(String(err.code), /^(permission_denied|invalid_argument|internal)$/, `${text}: ${err.message}`)
          return true
        })
    const [row] = (
      await sql<{ n: number; body: string }>`select count(*) as n, min(body) as body from note`.execute(database.db)
    ).rows
    assert.deepEqual(row, { n: 2, body: 'eins' })
    assert.ok(!['copy.db', 'other.db', 'x'].some((name) => existsSync(join(home, name)) || existsSync(name)))
  })

test('REPLACE runs where it is granted, and quoted words are not taken for it', async () => {
  await using guarded = await opened()
  const { run } = guarded
  await run("insert or replace into note values (1, 'neu', 1)", ['insert', 'replace'])
  await run("insert into note values (3, 'or replace into', 1)", ['insert'])
  const { rows } = await run(`select replace(body, 'or', '-') as "or replace into" from note order by id`)
  assert.deepEqual(rows, [['neu'], ['zwei'], ['- replace into']])
})

const FUNCTIONS: readonly [text: string, value: unknown][] = [
  ["'ÄRGER' like 'är%'", 1n],
  ["'50%' like '50\\%'", 1n],
  ["'507' like '50\\%'", 0n],
  ["'a_b' like 'a!_b' escape '!'", 1n],
  ["'axb' like 'a!_b' escape '!'", 0n],
  ["'x' like null", null],
  ["'😀b' like '_b'", 1n],
  ["'Straße' regexp '^STRA.E$'", 1n],
  ["year('2024-02-29 10:11:12')", 2024n],
  ["month('2024-02-29')", 2n],
  ["day('2024-02-29 10:11:12')", 29n],
  ["date_format('2024-02-05 15:04:09', '%Y/%m/%d %H:%i:%s %p %%')", '2024/02/05 15:04:09 PM %'],
  ["datediff('2024-03-01', '2024-02-28 23:00:00')", 2n],
  ["unix_timestamp('1970-01-02')", 86400n],
  ["char_length('a😀')", 2n],
  ["left('a😀b', 2)", 'a😀'],
  ["right('a😀b', 2)", '😀b'],
  ['greatest(1, 3, 2)', 3n],
  ["least('b', 'a')", 'a'],
  ['greatest(9223372036854775807, 1)', 9223372036854775807n],
  ['least(1, null)', null],
  ["year('nothing')", null],
  ['length(now())', 19n],
  ['rand() between 0 and 1', 1n],
  ["concat('a', 1)", 'a1'],
  ['if(1 > 0, 2, 3)', 2n],
  ["json_extract('{\"a\":[1]}', '$.a[0]')", 1n],
]

test('people find the functions that they expect', async () => {
  await using guarded = await opened()
  const text = FUNCTIONS.map(([call], i) => `${call} as c${i}`).join(', ')
  const { rows } = await guarded.run(`select ${text}`)
  for (const [i, [call, value]] of FUNCTIONS.entries()) assert.equal(rows[0]?.[i], value, call)
})

for (const uri of ['sqlite://./app.db', 'sqlite://:memory:'])
  test(`what a function refuses is told by its own words (${uri})`, async () => {
    await using guarded = await opened(uri)
    const refused = (text: string, message: RegExp) =>
      assert.rejects(guarded.run(text), { code: 'invalid_argument', message })
    await refused("select 'a' regexp '('", /REGEXP/)
    await refused("select 'a' like 'b' escape 'cd'", /ESCAPE/)
  })

test('a pattern or a value that would take forever or all memory does neither', async () => {
  await using guarded = await opened()
  const { run } = guarded
  const pattern = `${'%a'.repeat(200)}%b`
  const started = run(`select printf('%.*c', 20000, 'a') like '${pattern}'`)
  assert.deepEqual((await started).rows, [[0n]])
  const tooBig = { code: 'resource_exhausted' }
  await assert.rejects(run("select length(printf('%*d', 900000000, 1))"), tooBig)
  await assert.rejects(run('select zeroblob(100000000)'), tooBig)
})

test('a statement that takes all memory is stopped, and the next one runs', async () => {
  await using guarded = await opened()
  const { run } = guarded
  const hoard = `with recursive n(x) as (select 1 union all select x + 1 from n)
    select x, hex(randomblob(500000)) as body from n order by body`
  await assert.rejects(run(hoard), { code: 'resource_exhausted' })
  assert.deepEqual((await run('select 1')).rows, [[1n]])
})

test('the server goes on while a statement computes', async () => {
  await using guarded = await opened()
  const { database, run } = guarded
  const endless = 'with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n'
  const running = assert.rejects(run(endless, [], { timeoutMs: 300 }), { code: 'deadline_exceeded' })
  let reads = 0
  const stop = AbortSignal.timeout(250)
  while (!stop.aborted) {
    await sql`insert into secret (body) values ('x')`.execute(database.db)
    await run('select count(*) from note')
    reads++
  }
  await running
  assert.ok(reads >= 1)
})

test('closing stops what runs and refuses what waits', async () => {
  const { database, run, [Symbol.asyncDispose]: dispose } = await opened()
  const endless = 'with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n'
  const running = [1, 2, 3].map(() => assert.rejects(run(endless), { code: 'closed' }))
  await new Promise((done) => setTimeout(done, 50))
  await database.close()
  await Promise.all(running)
  await assert.rejects(run('select 1'), { code: 'closed' })
  await dispose()
})

const hasProc = existsSync('/proc/self/task')

test('a process with a statement ends with the server, even after kill -9', { skip: !hasProc }, async () => {
  await using folder = await temporaryFolder()
  const script = `import { openDatabase } from '${new URL('../../../open.ts', import.meta.url).href}'
    const database = await openDatabase('sqlite://./app.db', { home: ${JSON.stringify(folder.path)} })
    const run = (sql) => database.guarded({ sql, parameters: [], tables: {}, maxRows: 1, maxBytes: 100, timeoutMs: 60000 })
    await run('select 1')
    void run('with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n')
    console.log('running')`
  const args = ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', script]
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(server.stdout, 'data')
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ')
  assert.equal(children.length, 1)
  server.kill('SIGKILL')
  await once(server, 'close')
  const isAlive = () => {
    try {
      return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${children[0]}/stat`, 'utf8'))
    } catch {
      return false
    }
  }
  const endMs = performance.now() + 10_000
  while (isAlive() && performance.now() < endMs) await new Promise((done) => setTimeout(done, 20))
  assert.ok(!isAlive())
})
