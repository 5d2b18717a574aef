import { idOf, type Step } from '../world.ts'

export const agentSteps: readonly Step[] = [
  {
    name: 'agents',
    run: async (world) => {
      const { anna, bob, ids } = world
      const space_id = idOf(world, "anna's space")
      const create = async (name: string, more: object = {}) =>
        (await anna.post('/v1/bot/create', { space_id, name, ...more })).data?.bot_id
      ids.helper = await create('Helper 助手 👩‍👩‍👧', {
        description: 'Helps',
        prompt_info: { prompt: 'You are {{role}}. 你好' },
        onboarding_info: { prologue: 'Welcome!', suggested_questions: ['What?', 'Why?'] },
        model_info_config: { temperature: 0.25, max_tokens: 500, context_round: 3, response_format: 'markdown' },
      })
      for (let i = 1; i <= 3; i++) ids[`agent ${i}`] = await create(`Agent ${i}`)
      await create('')
      await create('x'.repeat(21))
      await bob.post('/v1/bot/create', { space_id, name: 'Thief' })
      const bot_id = idOf(world, 'helper')
      await anna.post('/v1/bot/update', { bot_id, description: 'Helps a lot', model_info_config: { top_p: 0.5 } })
      await bob.post('/v1/bot/update', { bot_id, name: 'Mine' })
      await anna.get(`/v1/bots/${bot_id}`, { is_published: 'false' })
      await anna.get(`/v1/bots/${bot_id}`, { is_published: 'true' })
      await anna.post('/v1/bot/publish', { bot_id, connector_ids: ['1024'] })
      await anna.post('/v1/bot/update', { bot_id, name: 'Helper' })
      await anna.get('/v1/bot/get_online_info', { bot_id })
      await anna.post('/v1/bot/publish', { bot_id, connector_ids: ['1024', '999'] })
      await anna.get('/v1/bot/get_online_info', { bot_id })
      await anna.get(`/v1/bots/${bot_id}`)
      await bob.get(`/v1/bots/${bot_id}`)
    },
  },
  {
    name: 'lists of agents',
    run: async (world) => {
      const { anna, bob } = world
      const space_id = idOf(world, "anna's space")
      await anna.post('/v1/bot/publish', { bot_id: idOf(world, 'agent 2'), connector_ids: ['1024'] })
      await anna.post('/v1/bot/publish', { bot_id: idOf(world, 'agent 1'), connector_ids: ['1024'] })
      await anna.post(`/v1/bots/${idOf(world, 'agent 2')}/unpublish`, { connector_id: '1024' })
      for (const page_num of ['1', '2', '3'])
        await anna.get('/v1/bots', { workspace_id: space_id, publish_status: 'all', page_num, page_size: '2' })
      for (const publish_status of ['published_online', 'published_draft', 'unpublished_draft'])
        await anna.get('/v1/bots', { workspace_id: space_id, publish_status })
      await anna.get('/v1/bots', { publish_status: 'none' })
      await anna.get('/v1/space/published_bots_list', { space_id, page_index: '1', page_size: '1' })
      await anna.get('/v1/space/published_bots_list', { space_id, page_index: '2', page_size: '1' })
      await bob.get('/v1/space/published_bots_list', { space_id })
    },
  },
]
