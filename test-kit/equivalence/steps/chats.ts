import { idOf, type Step } from '../world.ts'
import { ask, equip } from './search.ts'

export const chatSteps: readonly Step[] = [
  {
    name: 'chats remember their conversation',
    run: async (world) => {
      const { anna } = world
      await equip(world, [], {})
      const conversation_id = idOf(world, 'other')
      for (const words of ['What did I say? One.', 'What did I say? Two.', 'What did I say? Three.'])
        await ask(world, words, { conversation_id, custom_variables: { role: 'a {{clerk}}' } })
      await anna.post('/v1/conversation/message/list', { order: 'asc' }, { conversation_id })
      await anna.post(`/v1/conversations/${conversation_id}/clear`, {})
      await ask(world, 'What did I say? Four.', { conversation_id })
      await ask(world, 'Tell the system', { conversation_id, custom_variables: { role: 'a clerk' } })
      await ask(world, 'Think first', { conversation_id, meta_data: { k: 'v' } })
    },
  },
  {
    name: 'chats that do not stream',
    run: async (world) => {
      const { anna, bob } = world
      const question = { role: 'user', content: 'Say it later 🙂', content_type: 'text' }
      const body = { bot_id: idOf(world, 'helper'), user_id: 'user two', additional_messages: [question] }
      const { data } = await anna.post('/v3/chat', body)
      const query = `conversation_id=${data.conversation_id}&chat_id=${data.id}`
      await anna.until(`/v3/chat/retrieve?${query}`, {}, (answer) => answer.data.status !== 'in_progress')
      await anna.get(`/v3/chat/message/list?${query}`)
      await bob.get(`/v3/chat/message/list?${query}`)
      await anna.post('/v3/chat/cancel', { conversation_id: data.conversation_id, chat_id: data.id })
      const retry = { ...body, user_id: 'user three', auto_save_history: false }
      await anna.post('/v3/chat', retry)
      await anna.stream({ ...retry, stream: true })
    },
  },
  {
    name: 'chats that go wrong',
    run: async (world) => {
      const { anna, bob } = world
      const conversation_id = idOf(world, 'third')
      await ask(world, 'Break down', { conversation_id })
      await anna.post('/v1/conversation/message/list', { order: 'asc' }, { conversation_id })
      const refused = (more: object) => anna.post('/v3/chat', { bot_id: idOf(world, 'helper'), user_id: 'u', ...more })
      await refused({ bot_id: idOf(world, 'agent 3') })
      await refused({ bot_id: '7000000000000000001' })
      await refused({ user_id: '' })
      await refused({ conversation_id: '7000000000000000001' })
      await bob.post('/v3/chat', { bot_id: idOf(world, 'helper'), user_id: 'u', conversation_id })
      await anna.post('/v3/chat/submit_tool_outputs', {})
    },
  },
  {
    name: 'a chat with attachments',
    run: async (world) => {
      const parts = [
        { type: 'text', text: 'Read this' },
        { type: 'file', file_id: idOf(world, 'notes') },
      ]
      const message = { role: 'user', content: JSON.stringify(parts), content_type: 'object_string' }
      await ask(world, '', { additional_messages: [message] })
    },
  },
]
