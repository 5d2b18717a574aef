import { idOf, type Step } from '../world.ts'

const text = (content: string, role = 'user') => ({ role, content, content_type: 'text' })

export const conversationSteps: readonly Step[] = [
  {
    name: 'conversations',
    run: async (world) => {
      const { anna, bob, ids } = world
      const bot_id = idOf(world, 'helper')
      const create = async (body: object) => (await anna.post('/v1/conversation/create', body)).data?.id
      const messages = [text('Hello'), text('Hi there', 'assistant'), text("Quote ' and \\ and % and _ and 👍")]
      ids.talk = await create({ bot_id, messages, meta_data: { mood: 'good', tier: '金' } })
      ids.other = await create({ bot_id, name: 'Other' })
      ids.third = await create({ bot_id })
      await create({ bot_id, messages: [text('x', 'system')] })
      const conversation_id = idOf(world, 'talk')
      await anna.get('/v1/conversation/retrieve', { conversation_id })
      await bob.get('/v1/conversation/retrieve', { conversation_id })
      await anna.put(`/v1/conversations/${conversation_id}`, { name: 'Talk' })
      for (const page_num of ['1', '2']) await anna.get('/v1/conversations', { bot_id, page_num, page_size: '2' })
      await anna.get('/v1/conversations', { bot_id, sort_order: 'ASC' })
      await bob.get('/v1/conversations', { bot_id })
    },
  },
  {
    name: 'messages',
    run: async (world) => {
      const { anna, bob, ids } = world
      const query = { conversation_id: idOf(world, 'talk') }
      for (let i = 1; i <= 5; i++) {
        const role = i % 2 === 0 ? 'assistant' : 'user'
        const { data } = await anna.post('/v1/conversation/message/create', text(`message ${i}`, role), query)
        ids[`message ${i}`] = data.id
      }
      await anna.post('/v1/conversation/message/create', text(''), query)
      await bob.post('/v1/conversation/message/create', text('mine'), query)
      const list = (body: object) => anna.post('/v1/conversation/message/list', body, query)
      for (const order of ['asc', 'desc']) {
        await list({ order, limit: 3 })
        await list({ order, limit: 2, after_id: idOf(world, 'message 2') })
        await list({ order, limit: 2, before_id: idOf(world, 'message 3') })
      }
      const third = { ...query, message_id: idOf(world, 'message 3') }
      await anna.post('/v1/conversation/message/modify', { content: 'changed ✓', meta_data: { a: 'b' } }, third)
      await anna.get('/v1/conversation/message/retrieve', third)
      await anna.post('/v1/conversation/message/delete', {}, third)
      await anna.get('/v1/conversation/message/retrieve', third)
      await list({})
      await anna.post(`/v1/conversations/${query.conversation_id}/clear`, {})
      await anna.get('/v1/conversation/retrieve', query)
    },
  },
]
