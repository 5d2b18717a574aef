import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN } from '../../../test-kit/chat.ts'
import { testDatabases } from '../../../test-kit/databases.ts'
import { ownerKey, runAgentSql } from './query.ts'

type World = Awaited<ReturnType<typeof testDatabases>>

/** Notes of two users in a limited table, a price list to read, and a board that everyone writes on. */
async function fill({ bound, sql, add }: World): Promise<void> {
  await bound('notes', { text: 'text!', stars: 'integer' })
  const prices = await bound('prices', { item: 'text', price: 'float' }, 'read_only')
  await bound('board', { said: 'text' }, 'full')
  await add(ANN, prices.id, { item: 'pen', price: '1.5' }, { item: 'ink', price: '4' })
  await sql('ann', `INSERT INTO notes (text, stars) VALUES ('ann one', 1), ('ann two', 9007199254740993)`)
  await sql('ben', `INSERT INTO notes (text, stars) VALUES ('ben one', 1)`)
  await sql('ann', `INSERT INTO notes (text) VALUES ('ann elsewhere')`, '999')
  await sql('ann', `INSERT INTO board VALUES ('from ann')`).catch(() => undefined)
  await sql('ann', `INSERT INTO board (said) VALUES ('from ann')`)
  await sql('ben', `INSERT INTO board (said) VALUES ('from ben')`)
}

/** Every note that is stored, with whose it is. */
async function stored({ databases, kit }: World): Promise<string[]> {
  const filter = { environment: 'online', offset: 0, limit: 10, newestFirst: true, name: 'notes' } as const
  const { views } = await databases.list(ANN, { ...filter, agentId: kit.agentId })
  const query = { environment: 'online', limit: 100, offset: 0, allUsers: true, allConnectors: true } as const
  const { records } = await databases.listRecords(ANN, views[0]?.id ?? '', query)
  return records.map((row) => `${row.bstudio_connector_uid}@${row.bstudio_connector_id} ${row.text} ${row.stars}`)
}

/** The statement as MySQL writes it. */
const spelled = (statement: string, { dialect }: { dialect: string }): string =>
  dialect !== 'mysql'
    ? statement
    : statement
        .replace(/"(\w+)"/g, '`$1`')
        .replace('ON CONFLICT DO UPDATE SET', 'ON DUPLICATE KEY UPDATE')
        .replace(' RETURNING said', '')

test('a SELECT sees the rows of its user only, however it is written', async () => {
  await using world = await testDatabases()
  await fill(world)
  const statements = [
    'SELECT text FROM notes',
    'SELECT * FROM notes',
    `SELECT text FROM notes WHERE stars = 1 OR 1 = 1`,
    "SELECT n.text FROM notes AS n WHERE n.text LIKE '%'",
    'SELECT text FROM (SELECT text FROM notes) AS n',
    'WITH n AS (SELECT * FROM notes) SELECT text FROM n',
    'SELECT text FROM notes UNION SELECT text FROM notes',
    `SELECT said, (SELECT ${world.database.dialect === 'postgres' ? "string_agg(text, ',')" : 'group_concat(text)'} FROM notes) AS text FROM board`,
    'SELECT a.text, b.text AS other FROM notes a, notes b',
    'SELECT a.text FROM notes a LEFT JOIN notes b ON 1 = 1',
    'SELECT text FROM notes WHERE EXISTS (SELECT 1 FROM notes WHERE stars > 5)',
    'SELECT text FROM notes /* WHERE */ -- everything',
    'SELECT max(text) AS text FROM "notes" HAVING 1 = 1 OR 2 = 2',
    'SELECT text FROM NOTES ORDER BY stars DESC LIMIT 10 OFFSET 0',
  ]
  for (const statement of statements) {
    const { rows } = await world.sql('ann', spelled(statement, world.database))
    const shown = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))
    assert.ok(shown.includes('ann'), `${statement}: ${shown}`)
    assert.doesNotMatch(shown, /ben one|elsewhere|connector|1024/, statement)
  }
  for (const user of ["ben' OR '1'='1", "x'; DROP TABLE notes; --", '\\', 'ANN', ''])
    assert.deepEqual((await world.sql(user, 'SELECT text FROM notes')).rows, [], user)
})

test('what is shown carries the names of its owner, and exact numbers', async () => {
  await using world = await testDatabases()
  await fill(world)
  const { columns, rows } = await world.sql('ann', 'SELECT *, stars + 1, upper(text) FROM notes WHERE stars > 5')
  assert.deepEqual(columns.slice(0, 4), ['bstudio_id', 'bstudio_create_time', 'text', 'stars'])
  assert.equal(columns.length, 6)
  assert.doesNotMatch(columns.join(), /f_\d|user_table/)
  assert.equal(rows[0]?.stars, 9007199254740993n)
  const board = await world
    .sql('ann', 'SELECT *, 2 * 3 AS six, (SELECT count(*) FROM prices) AS all_prices FROM board')
    .catch(String)
  assert.match(String(board), /name the columns/)
  assert.deepEqual((await world.sql('ann', 'SELECT b.*, 2 * 3 AS six FROM board AS b')).columns, [
    ...['bstudio_id', 'bstudio_create_time', 'said', 'six'],
  ])
  const counted = await world.sql('ann', 'SELECT said, (SELECT count(*) FROM prices) AS n FROM board LIMIT 1')
  assert.deepEqual(counted.rows, [{ said: 'from ann', n: 2n }])
  const cut = await world.sql('ann', 'SELECT text FROM notes')
  assert.deepEqual([cut.truncated, cut.affected], [false, 0])
})

test('writes reach the rows of their user only, and new rows are theirs', async () => {
  await using world = await testDatabases()
  await fill(world)
  const before = [
    'ann@1024 ann one 1',
    'ann@1024 ann two 9007199254740993',
    'ben@1024 ben one 1',
    'ann@999 ann elsewhere ',
  ]
  assert.deepEqual(await stored(world), before)
  assert.equal((await world.sql('ann', `UPDATE notes SET stars = 5 WHERE 1 = 1 OR 2 = 2`)).affected, 2)
  assert.equal((await world.sql('ben', `DELETE FROM notes WHERE text LIKE 'ann%' OR 1 = 1`)).affected, 1)
  assert.equal((await world.sql('cat', 'DELETE FROM notes')).affected, 0)
  assert.deepEqual(await stored(world), ['ann@1024 ann one 5', 'ann@1024 ann two 5', 'ann@999 ann elsewhere '])
  assert.equal((await world.sql('ben', `UPDATE board SET said = 'ours'`)).affected, 2)
})

test('a condition that fails on the rows of others tells nothing about them', async () => {
  await using world = await testDatabases()
  await fill(world)
  const fails = {
    sqlite: `json_type(text) = 'integer'`,
    mysql: `9223372036854775805 + (text = '(') * 9 > 0 AND text REGEXP 1`,
    postgres: `'1' ~ text`,
  }[world.database.dialect]
  await world.sql('ben', `INSERT INTO notes (text) VALUES ('(')`)
  await world.sql('cat', `INSERT INTO notes (text, stars) VALUES ('1', 1), ('1', 2)`)
  const before = await stored(world)
  const { rows } = await world.sql('ben', `SELECT bstudio_id FROM notes WHERE text = '('`)
  const his = `bstudio_id = ${rows[0]?.bstudio_id}`
  assert.deepEqual((await world.sql('cat', `SELECT text FROM notes WHERE ${his} AND ${fails}`)).rows, [])
  assert.equal((await world.sql('cat', `SELECT n.stars FROM notes n JOIN board ON ${fails}`)).rows.length, 4)
  for (const change of ['UPDATE notes SET stars = 3', 'DELETE FROM notes']) {
    assert.equal((await world.sql('cat', `${change} WHERE ${his} AND ${fails}`)).affected, 0)
    assert.equal((await world.sql('cat', `${change} WHERE ${fails} OR stars = 1`)).affected, 2)
  }
  const kept = before.filter((note) => !note.startsWith('cat'))
  assert.deepEqual(await stored(world), kept)
})

test('rows that a query gives are inserted as the own ones', async () => {
  await using world = await testDatabases()
  await fill(world)
  const before = await stored(world)
  const { affected } = await world.sql('ben', 'INSERT INTO notes (text, stars) SELECT item, 7 FROM prices')
  await world.sql('ben', 'INSERT INTO notes (text) SELECT text FROM notes WHERE stars = 1')
  await world.sql('ben', 'INSERT INTO notes (text) SELECT said FROM board UNION SELECT text FROM notes WHERE stars = 7')
  const added = ['ben one ', 'from ann ', 'from ben ', 'ink ', 'ink 7', 'pen ', 'pen 7'].map((row) => `ben@1024 ${row}`)
  assert.deepEqual([affected, (await stored(world)).slice(before.length).sort()], [2, added])
})

test('a row of someone else is not taken over by a conflict', async () => {
  await using world = await testDatabases()
  await fill(world)
  const before = await stored(world)
  for (const statement of [
    `INSERT INTO notes (bstudio_id, text) VALUES (3, 'mine now') ON CONFLICT (bstudio_id) DO UPDATE SET text = excluded.text`,
    `INSERT OR REPLACE INTO notes (bstudio_id, text) VALUES (3, 'mine now')`,
    `REPLACE INTO notes (bstudio_id, text) VALUES (3, 'mine now')`,
    `UPDATE OR REPLACE notes SET bstudio_id = 3 WHERE text = 'ann one'`,
    `UPDATE notes SET bstudio_id = 3`,
  ]) {
    await world.sql('ann', statement).catch(() => undefined)
    assert.deepEqual(await stored(world), before, statement)
  }
})

const REFUSED: readonly (readonly [statement: string, why: RegExp])[] = [
  ['SELECT * FROM account', /no table "account".*notes, prices, board/],
  ['SELECT text FROM notes WHERE text IN (SELECT name FROM sqlite_schema)', /no table "sqlite_schema"/],
  ['SELECT * FROM main.notes', /./],
  ['SELECT * FROM user_table_1', /no table/],
  ['SELECT bstudio_connector_uid FROM notes', /column is not known/],
  ['SELECT f_1 FROM notes', /column is not known/],
  ['SELECT rowid FROM notes', /column is not known/],
  [`UPDATE notes SET bstudio_connector_uid = 'ben'`, /column is not known/],
  [`INSERT INTO notes (text, bstudio_connector_uid) VALUES ('x', 'ben')`, /column is not known/],
  [`INSERT INTO notes SELECT item FROM prices`, /no list of columns/],
  [
    `INSERT INTO notes (text) VALUES ('x') ON CONFLICT DO UPDATE SET bstudio_connector_uid = 'ben'`,
    /column is not known/,
  ],
  [`INSERT INTO notes VALUES ('x')`, /./],
  [`INSERT INTO prices (item) VALUES ('free')`, /prices is read-only; INSERT is not allowed/],
  ['UPDATE prices SET price = 0', /prices is read-only/],
  ['DELETE FROM "PRICES"', /prices is read-only/],
  ['WITH b(p, q, r, s) AS (SELECT * FROM board) SELECT q FROM b', /name the columns/],
  [`SELECT 1, 'a', 'b', 'c', 'd' UNION ALL SELECT * FROM board`, /name the columns/],
  ['SELECT b.* FROM board b UNION SELECT 1, 2, 3, 4, 5', /name the columns/],
  [
    `INSERT INTO board (said) VALUES ((SELECT 1 FROM (SELECT board.* FROM board) AS b)) RETURNING said`,
    /name the columns/,
  ],
  ['DROP TABLE notes', /DROP is not allowed/],
  ['ALTER TABLE notes ADD COLUMN x int', /ALTER is not allowed/],
  ['CREATE TABLE x (a int)', /CREATE is not allowed/],
  ['TRUNCATE TABLE notes', /TRUNCATE is not allowed/],
  ['SELECT 1; DELETE FROM notes', /./],
  ['PRAGMA table_list', /./],
  [`ATTACH 'x.db' AS x`, /./],
  [`SELECT load_extension('x') FROM notes`, /./],
  [`SELECT readfile('/etc/passwd') FROM notes`, /./],
  ['SELEC text FROM notes', /line 1/],
  [`SELECT text FROM notes WHERE text = '${'x'.repeat(20_000)}'`, /longer than 20000/],
]
test('what reaches further is refused, and the refusal says why', async () => {
  await using world = await testDatabases()
  await fill(world)
  const before = await stored(world)
  for (const [statement, why] of REFUSED)
    await assert.rejects(
      world.sql('ann', spelled(statement, world.database)),
      (err: Error & { code: string }) => {
        assert.match(err.code, /^(permission_denied|invalid_argument)$/, `${statement}: ${err.code} ${err.message}`)
        assert.match(err.message, why, statement)
        assert.doesNotMatch(err.message, /user_table_\d{10}|f_\d+ |SQLITE/, statement)
        return true
      },
      statement,
    )
  assert.deepEqual(await stored(world), before)
})

test('rows and time are limited', async () => {
  await using world = await testDatabases()
  await fill(world)
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n'
  // MySQL counts to the end before it shows the first row
  const long = world.database.dialect === 'mysql' ? endless.replace('FROM n)', 'FROM n WHERE i < 5000)') : endless
  const { rows, truncated } = await world.sql('ann', long)
  assert.deepEqual([rows.length, truncated], [1_000, true])
  const { tables, parser } = world
  const run = { sql: `${endless} WHERE i < 0`, tables: [], owner: { userRef: 'ann', connectorId: '1' }, timeoutMs: 200 }
  await assert.rejects(runAgentSql({ parser, tables }, run), { code: 'deadline_exceeded' })
})

test('an agent has only what is bound to it', async () => {
  await using world = await testDatabases()
  await fill(world)
  const other = { agentId: '7', spaceId: '201' }
  const elsewhere = { ...world.asker, spaceId: '300' }
  for (const asker of [other, elsewhere])
    await assert.rejects(world.data.execute(asker, { userRef: 'ann', connectorId: '1024' }, 'SELECT * FROM notes'), {
      code: 'permission_denied',
      message: 'the agent has no table "notes"; it has none',
    })
})

test('users whose names do not fit are told apart all the same', () => {
  const long = 'x'.repeat(300)
  const keys = ['ann', 'a\0', 'a', '\ud800', '\ud801', long, `${long}x`, ownerKey(long)].map(ownerKey)
  assert.equal(new Set(keys).size, 8)
  for (const key of keys) assert.ok(key.length <= 255 && key.isWellFormed() && !key.includes('\0'))
})

/** The same numbers every time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

test('statements changed at random never show or change the rows of another user', async () => {
  await using world = await testDatabases()
  await fill(world)
  const random = numbers(20_261_121)
  const below = (n: number) => Math.floor((random.next().value as number) * n)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const seeds = [
    `SELECT n . text FROM notes AS n LEFT JOIN notes AS m ON n . stars = m . stars WHERE n . stars = 1 OR 1 = 1`,
    `SELECT text FROM notes WHERE stars IN ( SELECT stars FROM notes ) UNION ALL SELECT said FROM board`,
    `WITH n AS ( SELECT text FROM notes ) SELECT * FROM n , notes`,
    `UPDATE notes SET text = ( SELECT max ( text ) FROM notes ) WHERE stars = 1 OR 1 = 1`,
    `DELETE FROM notes WHERE text LIKE 'a%' OR NOT EXISTS ( SELECT 1 FROM notes WHERE stars = 9 )`,
    `INSERT INTO notes ( text ) VALUES ( ( SELECT text FROM notes LIMIT 1 ) ) RETURNING *`,
  ].map((statement) => statement.split(' '))
  const words = [...new Set(seeds.flat()), '--', '/*', ';', '"notes"', 'NOT', 'UNION', 'bstudio_id', "'", '*', 'USING']
  let ran = 0
  for (let round = 0; round < 400; round++) {
    const tokens = [...pick(seeds)]
    for (let change = below(4); change > 0; change--) {
      const [at, from] = [below(tokens.length), below(tokens.length)]
      const how = below(3)
      if (how === 0) tokens.splice(at, 1)
      else if (how === 1) tokens.splice(at, 0, pick(words))
      else tokens.splice(at, 1, tokens[from] ?? '')
    }
    const statement = tokens.join(' ')
    try {
      const { rows } = await world.sql('ann', statement)
      const said = rows.some((row) =>
        Object.values(row).some((value) => value === 'ben one' || value === 'ann elsewhere'),
      )
      assert.ok(!said, `${statement} shows the row of another`)
      ran++
    } catch (err) {
      if (!(err instanceof Error) || !('code' in err) || err.code === 'ERR_ASSERTION') throw err
      assert.match(String(err.code), /^[a-z_]+$/, `${statement}: ${err.message}`)
      assert.notEqual(err.code, 'internal', `${statement}: ${err.message}`)
    }
  }
  assert.ok(ran > 50, `${ran} statements ran`)
  const others = (await stored(world)).filter((note) => !note.startsWith('ann@1024'))
  assert.deepEqual(others, ['ben@1024 ben one 1', 'ann@999 ann elsewhere '])
})
