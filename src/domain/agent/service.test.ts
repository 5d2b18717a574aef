import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN, BOB, chatKit } from '../../../test-kit/chat.ts'
import { AppError } from '../../base/errors.ts'
import { AgentConfig } from './types.ts'

const notFound = (err: unknown) => err instanceof AppError && err.code === 'not_found'

test('changes that come together are all kept', async () => {
  await using kit = await chatKit()
  const { agents, agentId } = kit
  await Promise.all([
    agents.update(ANN, agentId, { config: { prompt: 'p' } }),
    agents.update(ANN, agentId, { config: { onboarding: { prologue: 'hello' } } }),
    agents.update(ANN, agentId, { config: { model: { temperature: 0.1 } } }),
    agents.update(ANN, agentId, { config: { model: { topP: 0.2 } } }),
    agents.update(ANN, agentId, { description: 'd' }),
  ])
  const { config, description } = await agents.get(ANN, agentId)
  assert.deepEqual([config.prompt, config.onboarding.prologue, description], ['p', 'hello', 'd'])
  assert.deepEqual(config.model, { temperature: 0.1, topP: 0.2 })
})

test('every process chats with the version that is online', async () => {
  await using kit = await chatKit({ config: { prompt: 'one' } })
  await using other = await kit.another()
  assert.equal((await other.agents.forChat(ANN, kit.agentId)).config.prompt, 'one')
  await kit.agents.update(ANN, kit.agentId, { config: { prompt: 'two' } })
  assert.equal((await other.agents.forChat(ANN, kit.agentId)).config.prompt, 'one', 'a draft is not online')
  await kit.agents.publish(ANN, kit.agentId)
  assert.equal((await other.agents.forChat(ANN, kit.agentId)).config.prompt, 'two')
  await kit.agents.unpublish(ANN, kit.agentId)
  await assert.rejects(other.agents.forChat(ANN, kit.agentId), notFound)
})

test('a version that is cached is still not for strangers', async () => {
  await using kit = await chatKit()
  await kit.agents.forChat(ANN, kit.agentId)
  await assert.rejects(kit.agents.forChat(BOB, kit.agentId), notFound)
})

test('an agent stored by an older version, with less in it, is readable', async () => {
  await using kit = await chatKit()
  await kit.database.db
    .updateTable('agent')
    .set({ config_json: { prompt: 'old' } })
    .execute()
  const { config } = await kit.agents.get(ANN, kit.agentId)
  assert.deepEqual(config, { ...AgentConfig.parse({}), prompt: 'old' })
})

test('the icon and the knowledge of someone else cannot be bound', async () => {
  await using kit = await chatKit()
  const icon = kit.library.addFile(BOB, '7001', 'x.png', 'image/png', 'PNG')
  kit.library.datasets.set('5', { name: 'bobs', spaceId: '202' })
  await assert.rejects(kit.agents.update(ANN, kit.agentId, { iconFileId: icon }), notFound)
  await assert.rejects(kit.agents.update(ANN, kit.agentId, { config: { knowledge: { datasetIds: ['5'] } } }), notFound)
  const { iconFileId, config } = await kit.agents.get(ANN, kit.agentId)
  assert.deepEqual([iconFileId, config.knowledge.datasetIds], [null, []])
})
