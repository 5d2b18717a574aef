import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../../test-kit/db.ts'
import { addEvent, Outbox } from './outbox.ts'

const NOW = 1_700_000_000_000

async function setUp(count: number) {
  const database = await testDatabase()
  const outbox = new Outbox(database)
  for (let n = 1; n <= count; n++)
    await database.transaction((tx) =>
      addEvent(tx, 'knowledge.delete_dataset', String(n), { dataset_id: String(n) }, NOW),
    )
  return {
    database,
    outbox,
    claim: async (nowMs: number) => (await outbox.claim(2, nowMs, nowMs + 100)).map(({ key }) => key),
  }
}

test('an event is claimed once, oldest first, and again when the claim has run out', async () => {
  const { database, claim } = await setUp(3)
  assert.deepEqual(await claim(NOW), ['1', '2'])
  assert.deepEqual(await claim(NOW + 50), ['3'])
  assert.deepEqual(await claim(NOW + 99), [])
  assert.deepEqual(await claim(NOW + 100), ['1', '2'])
  await database[Symbol.asyncDispose]()
})

test('a claim can be renewed and given back; what is done or buried is not there any more', async () => {
  const { database, outbox, claim } = await setUp(4)
  const ids = (await outbox.claim(10, NOW, NOW + 100)).map(({ id }) => id)
  const [done = '', buried = '', ...rest] = ids
  await outbox.remove([done])
  await outbox.bury(buried, 'no')
  assert.deepEqual(await outbox.hold(ids, NOW + 500), rest)
  assert.deepEqual(await claim(NOW + 499), [])
  await outbox.hold(rest, 0)
  assert.deepEqual(await claim(NOW + 1), ['3', '4'])
  await outbox.releaseAll()
  assert.deepEqual(await claim(NOW + 2), ['3', '4'])
  await database[Symbol.asyncDispose]()
})
