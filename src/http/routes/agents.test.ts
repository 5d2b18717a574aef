import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN, BOB } from '../../../test-kit/chat.ts'
import { apiClient } from '../../../test-kit/chat-client.ts'

const GROUPS = {
  description: 'Answers questions',
  prompt_info: { prompt: 'You help.' },
  onboarding_info: { prologue: 'Hi', suggested_questions: ['What can you do?'] },
  suggest_reply_info: { reply_mode: 'customized', customized_prompt: 'Be brief' },
  model_info_config: {
    model_id: '100',
    temperature: 0.3,
    top_p: 0.9,
    top_k: 5,
    max_tokens: 500,
    context_round: 7,
    response_format: 'markdown',
    presence_penalty: 0.1,
    frequency_penalty: -0.1,
    cache_type: 'closed',
    parameters: null,
  },
}

test('an agent is created, changed, published, changed again and taken offline', async () => {
  await using api = await apiClient()
  const { library } = api
  library.datasets.set('7900', { name: 'faq', spaceId: '201' })
  const icon = library.addFile(ANN, '7700', 'icon.png', 'image/png', 'PNG')
  const body = { space_id: '201', name: 'Helper', icon_file_id: icon, ...GROUPS }
  const { bot_id } = (await api.post('/v1/bot/create', body)).body.data
  const draft = `/v1/bots/${bot_id}?is_published=false`
  const online = [
    `/v1/bots/${bot_id}`,
    `/v1/bots/${bot_id}?is_published=true`,
    `/v1/bot/get_online_info?bot_id=${bot_id}`,
  ]
  for (const path of online) assert.equal((await api.get(path)).body.code, 4200, 'not published yet')

  const knowledge = { dataset_ids: ['7900'], auto_call: true, search_strategy: 20 }
  const updated = await api.post('/v1/bot/update', { bot_id, knowledge })
  assert.deepEqual(updated.body, { code: 0, msg: '' })
  const published = (await api.post('/v1/bot/publish', { bot_id, connector_ids: ['1024'] })).body.data
  assert.equal(published.bot_id, bot_id)

  const shown = (await api.get(online[0] ?? '')).body.data
  for (const path of online) assert.deepEqual((await api.get(path)).body.data, shown)
  const { create_time, update_time, ...rest } = shown
  assert.ok(Number.isInteger(create_time) && Number.isInteger(update_time))
  const { cache_type: _cache, parameters: _parameters, ...model } = GROUPS.model_info_config
  assert.deepEqual(rest, {
    bot_id,
    name: 'Helper',
    description: 'Answers questions',
    icon_url: `http://files.test/${icon}`,
    version: published.version,
    prompt_info: { prompt: 'You help.' },
    onboarding_info: { prologue: 'Hi', suggested_questions: ['What can you do?'] },
    bot_mode: 0,
    model_info: { ...model, model_name: 'Scripted answers' },
    suggest_reply_info: { reply_mode: 'customized', customized_prompt: 'Be brief' },
    knowledge: {
      knowledge_infos: [{ id: '7900', name: 'faq' }],
      dataset_ids: ['7900'],
      auto_call: true,
      search_strategy: 20,
      top_k: 5,
      min_score: 0,
    },
    plugin_info_list: [],
    workflow_info_list: [],
    shortcut_commands: [],
    background_image_info: {},
    variables: [],
    owner_user_id: ANN.accountId,
    default_user_input_type: 'text',
  })

  await api.post('/v1/bot/update', {
    bot_id,
    name: 'Newer',
    prompt_info: { prompt: 'New.' },
    onboarding_info: { prologue: '' },
  })
  assert.deepEqual((await api.get(online[0] ?? '')).body.data, shown, 'what is online does not change with the draft')
  const changed = (await api.get(draft)).body.data
  assert.deepEqual([changed.name, changed.prompt_info.prompt], ['Newer', 'New.'])
  assert.deepEqual(changed.onboarding_info, { prologue: '', suggested_questions: ['What can you do?'] })
  assert.equal(changed.model_info.temperature, 0.3)

  await api.post(`/v1/bots/${bot_id}/unpublish`, { bot_id, connector_id: '1024', unpublish_reason: null })
  for (const path of online) assert.equal((await api.get(path)).status, 404)
  assert.equal((await api.get(draft)).status, 200)
})

test('an agent that is told nothing has what both SDKs need', async () => {
  await using api = await apiClient()
  const { bot_id } = (await api.post('/v1/bot/create', { space_id: 201, name: ' A\n B ' })).body.data
  const { data } = (await api.get(`/v1/bots/${bot_id}?is_published=false`)).body
  assert.deepEqual(data.prompt_info, { prompt: '' })
  assert.deepEqual(data.onboarding_info, { prologue: '', suggested_questions: [] })
  assert.deepEqual(data.model_info, { model_id: 'scripted', model_name: 'Scripted answers' })
  assert.deepEqual(data.suggest_reply_info, { reply_mode: 'disable', customized_prompt: '' })
  assert.deepEqual([data.name, data.version, data.icon_url], ['A B', '', ''])
})

test('a dataset that was deleted vanishes from its agents', async () => {
  await using api = await apiClient()
  const { datasets } = api.library
  for (const id of ['1', '2']) datasets.set(id, { name: `d${id}`, spaceId: '201' })
  const knowledge = { datasetIds: ['1', '2'] }
  const bot_id = await api.agents.create(ANN, { spaceId: '201', name: 'x', config: { knowledge } })
  datasets.delete('1')
  const { data } = (await api.get(`/v1/bots/${bot_id}?is_published=false`)).body
  assert.deepEqual(data.knowledge.knowledge_infos, [{ id: '2', name: 'd2' }])
  assert.deepEqual(data.knowledge.dataset_ids, ['2'])
})

test('lists tell drafts from what is online', async () => {
  await using api = await apiClient()
  const create = async (name: string) => (await api.post('/v1/bot/create', { space_id: '300', name })).body.data.bot_id
  const [draft, older, newer] = [await create('draft'), await create('older'), await create('newer')]
  for (const bot_id of [older, newer]) await api.post('/v1/bot/publish', { bot_id, connector_ids: ['1024', '999'] })
  await api.post('/v1/bot/update', { bot_id: older, name: 'older, changed' })
  const list = async (query: string) => {
    const { body } = await api.get(`/v1/bots?workspace_id=300${query}`)
    return [body.data.total, body.data.items.map((item: { name: string }) => item.name)]
  }
  assert.deepEqual(await list(''), [2, ['newer', 'older']])
  assert.deepEqual(await list('&publish_status=published_online&page_size=1&page_num=2'), [2, ['older']])
  assert.deepEqual(await list('&page_size=1&page_index=2'), [2, ['older']])
  assert.deepEqual(await list('&publish_status=published_draft'), [2, ['older, changed', 'newer']])
  assert.deepEqual(await list('&publish_status=unpublished_draft'), [1, ['draft']])
  assert.deepEqual((await list('&publish_status=all'))[0], 3)
  assert.equal((await api.get('/v1/bots?publish_status=all')).body.data.total, 4, 'all spaces of the caller')

  const [item] = (await api.get('/v1/bots?workspace_id=300&publish_status=unpublished_draft')).body.data.items
  const { updated_at, ...rest } = item
  assert.ok(Number.isInteger(updated_at))
  const expected = {
    id: draft,
    name: 'draft',
    description: '',
    icon_url: '',
    is_published: false,
    owner_user_id: '101',
  }
  assert.deepEqual(rest, expected)

  const v1 = (await api.get('/v1/space/published_bots_list?space_id=300&page_index=1&page_size=20')).body.data
  assert.equal(v1.total, 2)
  assert.match(v1.space_bots[0].publish_time, /^\d{10}$/)
  assert.deepEqual(
    v1.space_bots.map((bot: { bot_id: string; bot_name: string }) => [bot.bot_id, bot.bot_name]),
    [
      [newer, 'newer'],
      [older, 'older'],
    ],
  )
})

test('a deleted agent is gone, its conversations are not', async () => {
  await using api = await apiClient()
  const { id } = await api.conversations.create(ANN, { agentId: api.agentId })
  assert.deepEqual((await api.delete(`/v1/bots/${api.agentId}`)).body, { code: 0, msg: '' })
  assert.equal((await api.get(`/v1/bots/${api.agentId}?is_published=false`)).status, 404)
  assert.equal((await api.ask('x', { stream: true })).status, 404)
  assert.equal((await api.get(`/v1/conversation/retrieve?conversation_id=${id}`)).status, 200)
  assert.deepEqual(await api.database.db.selectFrom('agent_version').select('id').execute(), [])
})

const create = (change: object) => ({ space_id: '201', name: 'x', ...change })
const refusals: readonly [name: string, call: string, body: object, status: number, text: RegExp][] = [
  ['no name', 'create', create({ name: undefined }), 400, /name/],
  ['an empty name', 'create', create({ name: '' }), 400, /name/],
  ['a blank name', 'create', create({ name: ' \u0007 ' }), 400, /name/],
  ['a name of 21 characters', 'create', create({ name: 'x'.repeat(21) }), 400, /name/],
  ['a long description', 'create', create({ description: 'x'.repeat(501) }), 400, /description/],
  [
    'a long prologue',
    'create',
    create({ onboarding_info: { prologue: 'x'.repeat(10_000) } }),
    400,
    /onboarding_info\.prologue/,
  ],
  ['no space', 'create', create({ space_id: undefined }), 400, /space_id/],
  ['a foreign space', 'create', create({ space_id: '202' }), 403, /space/],
  ['an unknown icon', 'create', create({ icon_file_id: '1' }), 404, /file/],
  [
    'a model parameter out of range',
    'create',
    create({ model_info_config: { model_id: '1', temperature: 9 } }),
    400,
    /temperature/,
  ],
  [
    'an unknown response format',
    'create',
    create({ model_info_config: { response_format: 2 } }),
    400,
    /response_format/,
  ],
  ['a plugin', 'create', create({ plugin_id_list: { id_list: [{ plugin_id: '1', api_id: '2' }] } }), 400, /plugins/],
  ['a workflow', 'create', create({ workflow_id_list: { ids: [{ id: '1' }] } }), 400, /workflows/],
  ['an unknown dataset', 'update', { knowledge: { dataset_ids: ['1'] } }, 404, /dataset/],
  ['a dataset of another space of the caller', 'update', { knowledge: { dataset_ids: ['55'] } }, 404, /dataset/],
  ['an unknown search strategy', 'update', { knowledge: { search_strategy: 2 } }, 400, /search_strategy/],
  ['an unknown channel', 'publish', { connector_ids: ['1'] }, 400, /connector_ids/],
  ['no channel', 'publish', { connector_ids: [] }, 400, /connector_ids/],
]
test('malformed requests are refused with the name of the field', async (t) => {
  await using api = await apiClient()
  api.library.datasets.set('55', { name: 'team', spaceId: '300' })
  for (const [name, call, body, status, text] of refusals)
    await t.test(name, async () => {
      const answer = await api.post(`/v1/bot/${call}`, { bot_id: api.agentId, ...body })
      assert.equal(answer.status, status, answer.text)
      assert.equal(answer.body.code, status === 400 ? 4000 : status === 403 ? 4101 : 4200)
      assert.match(answer.body.msg, text)
    })
  assert.equal((await api.get('/v1/bots?publish_status=all')).body.data.total, 1)
})

test('the agents of other spaces are not found', async () => {
  await using api = await apiClient()
  const bot_id = api.agentId
  const calls = [
    api.get(`/v1/bots/${bot_id}`, 'pat_bob'),
    api.get(`/v1/bots/${bot_id}?is_published=false`, 'pat_bob'),
    api.get(`/v1/bot/get_online_info?bot_id=${bot_id}`, 'pat_bob'),
    api.post('/v1/bot/update', { bot_id, name: 'mine' }, 'pat_bob'),
    api.post('/v1/bot/publish', { bot_id, connector_ids: ['1024'] }, 'pat_bob'),
    api.post(`/v1/bots/${bot_id}/unpublish`, { bot_id, connector_id: '1024' }, 'pat_bob'),
    api.delete(`/v1/bots/${bot_id}`, 'pat_bob'),
  ]
  for (const answer of await Promise.all(calls)) assert.deepEqual([answer.status, answer.body.code], [404, 4200])
  for (const path of ['/v1/bots?workspace_id=201', '/v1/space/published_bots_list?space_id=201'])
    assert.equal((await api.get(path, 'pat_bob')).body.code, 4101)
  assert.equal((await api.get('/v1/bots?publish_status=all', 'pat_bob')).body.data.total, 0)
  assert.equal((await api.agents.get(ANN, bot_id)).name, 'Helper')
})

test('a team shares its agents', async () => {
  await using api = await apiClient()
  const bot_id = await api.agents.create(ANN, { spaceId: '300', name: 'Team' })
  assert.equal((await api.post('/v1/bot/update', { bot_id, description: 'ours' }, 'pat_bob')).status, 200)
  assert.equal((await api.agents.get(BOB, bot_id)).description, 'ours')
})
