import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN } from '../../../test-kit/chat.ts'
import { ask, withModel } from '../../../test-kit/data-chat.ts'
import { testDatabases } from '../../../test-kit/databases.ts'
import { TEST_DB } from '../../../test-kit/db.ts'

test('a question is answered from the rows that its user may see, and both are shown', async () => {
  await using world = await withModel('SELECT text, stars FROM notes ORDER BY stars')
  await world.bound('notes', { text: 'text', stars: 'integer' })
  await world.sql('ann', `INSERT INTO notes (text, stars) VALUES ('hers', 9007199254740993)`)
  await world.sql('ben', `INSERT INTO notes (text, stars) VALUES ('his', 1)`)
  const { chat, types, contentOf, stored } = await ask(world)
  assert.equal(chat.status, 'completed')
  assert.deepEqual(types, ['function_call', 'tool_response', 'answer', 'verbose'])
  assert.deepEqual(stored, types)
  assert.deepEqual(JSON.parse(contentOf('function_call')), {
    name: 'query_database',
    arguments: { sql: 'SELECT text,stars FROM notes ORDER BY stars LIMIT 100' },
  })
  assert.deepEqual(JSON.parse(contentOf('tool_response')), {
    columns: ['text', 'stars'],
    rows: [{ text: 'hers', stars: '9007199254740993' }],
    truncated: false,
  })
  assert.match(contentOf('answer'), /1 rows\.\n.*"hers"/)
  assert.doesNotMatch(contentOf('answer'), /"his"/)
  assert.match((await ask(world, 'cat')).contentOf('answer'), /0 rows/)
})

test('a query that may not run is refused, and the chat goes on', async () => {
  await using world = await withModel('DELETE FROM notes')
  const { id } = await world.bound('notes', { text: 'text' }, 'read_only')
  await world.add(ANN, id, { text: 'hers' })
  const { chat, types, contentOf } = await ask(world)
  assert.deepEqual([chat.status, types], ['completed', ['function_call', 'tool_response', 'answer', 'verbose']])
  assert.deepEqual(JSON.parse(contentOf('tool_response')), {
    error: 'only SELECT may be asked of the tables, not DELETE',
  })
  assert.match(contentOf('answer'), /could not be asked: only SELECT/)
  assert.equal((await world.sql('ann', 'SELECT * FROM notes')).rows.length, 1)
})

test('a query that fails tells the model why', async () => {
  const failing: Readonly<Record<string, string>> = {
    postgres: 'SELECT text::json FROM notes',
    mysql: 'SELECT (SELECT text FROM notes UNION ALL SELECT text FROM notes) AS x FROM notes',
  }
  const noJson = failing[TEST_DB] ?? 'SELECT json_extract(text, 1) FROM notes'
  await using world = await withModel(noJson)
  await world.bound('notes', { text: 'text' })
  await world.sql('ann', `INSERT INTO notes (text) VALUES ('{')`)
  const { chat, contentOf } = await ask(world)
  assert.equal(chat.status, 'completed')
  assert.match(contentOf('tool_response'), /^\{"error":"/)
  assert.match(contentOf('answer'), /which failed: /)
})

test('when the tables do not hold what is asked, nothing is shown of them', async () => {
  await using world = await withModel({ sql: '', err_code: 3003, err_msg: 'no' })
  await world.bound('notes', { text: 'text' })
  const { types, contentOf } = await ask(world)
  assert.deepEqual([types, contentOf('answer')], [['answer', 'verbose'], 'Told: '])
})

test('without a database, and with a model that only quotes, a chat is as it was', async () => {
  await using world = await withModel('SELECT 1')
  assert.deepEqual((await ask(world)).types, ['answer', 'verbose'])
  await using quoting = await testDatabases({ model: 'extractive:' })
  await quoting.bound('notes', { text: 'text' })
  assert.deepEqual((await ask(quoting)).types, ['answer', 'verbose'])
})

test('a database that agents are told nothing about is not asked', async () => {
  await using world = await withModel('SELECT text FROM notes')
  const made = await world.bound('notes', { text: 'text' })
  await world.databases.update(ANN, made.id, { ...made, iconFileId: undefined, isPromptDisabled: true })
  assert.deepEqual((await ask(world)).types, ['answer', 'verbose'])
})
