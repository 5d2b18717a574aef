import { Api } from './api.ts'
import { type Client, change, Fact, Facts, type Journal } from './facts.ts'
import type { Random } from './random.ts'

type Conversation = { name: string }
type Message = { content: string }
/** `answer` is that of a completed chat. */
type Chat = { status: string; answer: string }
type Owner = { token: string; agentIds: readonly string[] }
type ChatAnswer = {
  id: string
  conversation_id: string
  status: string
  inserted_additional_messages?: { id: string }[]
}
type Written = { data: { type: string; content: string }[] }

const CREATED = 'conversation.chat.created'
const COMPLETED = 'conversation.chat.completed'

class ConversationFact extends Fact<Conversation> {
  /** Whether a chat may have been cut off in it, so that a new one must be tried. */
  isInterrupted = false
}

class Within<T extends object> extends Fact<T> {
  readonly conversation: ConversationFact

  constructor(id: string, states: readonly (T | null)[], conversation: ConversationFact) {
    super(id, states)
    this.conversation = conversation
  }
}

/** Talks with agents that repeat the question; starts, follows, cancels and deletes. */
export function talker(name: string, owner: Owner, random: Random, journal: Journal) {
  const conversations = new Facts<Conversation, ConversationFact>('conversation', journal)
  const messages = new Facts<Message, Within<Message>>('message', journal)
  const chats = new Facts<Chat, Within<Chat>>('chat', journal)
  let asked = 0
  const api = (url: string) => new Api(url, owner)

  const makeConversation = async (url: string) => {
    const conversation = { name: `talk ${conversations.count}` }
    const body = { ...conversation, bot_id: owner.agentIds[0] }
    const { data } = await api(url).call<{ data: { id: string } }>('POST', '/v1/conversation/create', body)
    conversations.add(new ConversationFact(data.id, [conversation]))
  }
  const request = (question: string, isStreamed: boolean) => ({
    bot_id: random.pick(owner.agentIds),
    user_id: name,
    stream: isStreamed,
    additional_messages: [{ role: 'user', type: 'question', content: question, content_type: 'text' }],
  })
  /** Notes a chat that was accepted: its question is stored, and it ends one way or the other. */
  const accepted = (answer: ChatAnswer, question: string, conversation: ConversationFact) => {
    for (const { id } of answer.inserted_additional_messages ?? [])
      messages.add(new Within<Message>(id, [{ content: question }], conversation))
    const states = [completed(question), { status: 'failed', answer: '' }]
    conversation.isInterrupted = true
    return chats.add(new Within<Chat>(answer.id, states, conversation))
  }
  const finish = (chat: Within<Chat>, state: Chat) => {
    chat.become(state)
    chat.conversation.isInterrupted = false
  }
  const chatPath = (conversation: ConversationFact | undefined) =>
    conversation === undefined ? '/v3/chat' : `/v3/chat?conversation_id=${conversation.id}`

  const stream = async (url: string, known: ConversationFact | undefined) => {
    const question = `Question ${++asked} of ${name}`
    let chat: Within<Chat> | undefined
    if (known !== undefined) known.isInterrupted = true
    for await (const { event, data } of api(url).events(chatPath(known), request(question, true))) {
      const answer = data as unknown as ChatAnswer
      if (event === CREATED) {
        const conversation =
          known ?? conversations.add(new ConversationFact(answer.conversation_id, [{ name: question }]))
        chat = accepted(answer, question, conversation)
      }
      if (event === COMPLETED && chat !== undefined) finish(chat, completed(question))
      if (event === 'conversation.chat.failed') journal.complain(`chat ${answer.id} failed: ${JSON.stringify(data)}`)
    }
  }
  const retrieve = async (url: string, { id, conversation }: Within<Chat>): Promise<Chat | null> => {
    const query = `conversation_id=${conversation.id}&chat_id=${id}`
    const found = await api(url).find<{ data: ChatAnswer }>('GET', `/v3/chat/retrieve?${query}`)
    if (found === null) return null
    const { status } = found.data
    if (status !== 'completed') return { status, answer: '' }
    const { data } = await api(url).call<Written>('GET', `/v3/chat/message/list?${query}`)
    return { status, answer: data.find(({ type }) => type === 'answer')?.content ?? '' }
  }
  const follow = async (url: string, known: ConversationFact) => {
    const question = `Question ${++asked} of ${name}`
    const body = request(question, false)
    known.isInterrupted = true
    const { data } = await api(url).call<{ data: ChatAnswer }>('POST', chatPath(known), body)
    const chat = accepted(data, question, known)
    if (random.chance(0.4)) {
      const cancel = { conversation_id: known.id, chat_id: chat.id }
      chat.become(...chat.states, { status: 'canceled', answer: '' })
      const answer = await api(url).find('POST', '/v3/chat/cancel', cancel, [400])
      if (answer !== null) return finish(chat, { status: 'canceled', answer: '' })
    }
    for (let state = await retrieve(url, chat); ; state = await retrieve(url, chat)) {
      if (state?.status === 'in_progress') continue
      if (state !== null) finish(chat, state)
      return
    }
  }
  const remove = (url: string, conversation: ConversationFact) => {
    const within = [...messages.select('all'), ...chats.select('all')].filter(
      (one) => one.conversation === conversation,
    )
    const gone = [conversation, ...within].map((fact) => [fact, null] as const)
    return change(gone, () => api(url).call('DELETE', `/v1/conversations/${conversation.id}`))
  }

  const client: Client = {
    name,
    step: async (url) => {
      const conversation = conversations.pick(random, (fact) => !fact.isInterrupted)
      const roll = random.next()
      if (conversation === undefined || roll < 0.05) return makeConversation(url)
      if (roll < 0.15) return stream(url, undefined)
      if (roll < 0.45) return stream(url, conversation)
      if (roll < 0.6) return follow(url, conversation)
      if (roll < 0.75) {
        const content = `Note ${messages.count}`
        const path = `/v1/conversation/message/create?conversation_id=${conversation.id}`
        // not the user's: the model would read it as part of the next question
        const body = { role: 'assistant', content, content_type: 'text' }
        const { data } = await api(url).call<{ data: { id: string } }>('POST', path, body)
        messages.add(new Within<Message>(data.id, [{ content }], conversation))
      } else if (roll < 0.85) {
        const message = messages.pick(random)
        if (message === undefined) return
        const path = `/v1/conversation/message/delete?conversation_id=${message.conversation.id}&message_id=${message.id}`
        await change([[message, null]], () => api(url).call('POST', path))
      } else if (roll < 0.92) {
        const next = { name: `talk named ${random.int(0, 999)}` }
        await change([[conversation, next]], () => api(url).call('PUT', `/v1/conversations/${conversation.id}`, next))
      } else if (roll < 0.96) {
        type Cleared = { data: { id: string } }
        const path = `/v1/conversations/${conversation.id}/clear`
        journal.born((await api(url).call<Cleared>('POST', path, {})).data.id, 'section')
      } else await remove(url, conversation)
    },
    check: async (url, which) => {
      await conversations.check(which, async ({ id }) => {
        const found = await api(url).find<{ data: Conversation }>(
          'GET',
          `/v1/conversation/retrieve?conversation_id=${id}`,
        )
        return found && { name: found.data.name }
      })
      await messages.check(which, async ({ id, conversation }) => {
        const path = `/v1/conversation/message/retrieve?conversation_id=${conversation.id}&message_id=${id}`
        const found = await api(url).find<{ data: Message }>('GET', path)
        return found && { content: found.data.content }
      })
      await chats.check(which, (chat) => retrieve(url, chat))
      // a conversation in which a chat was cut off takes another
      for (const conversation of conversations.live.filter((fact) => fact.isInterrupted))
        await stream(url, conversation)
    },
  }
  return { ...client, conversations, messages, chats }
}

/** The script of the model: the words of the question, three times. */
export const MODEL_URI = `scripted:?delay=2ms&reply=${encodeURIComponent('{{question}} {{question}} {{question}}')}`
const completed = (question: string): Chat => ({
  status: 'completed',
  answer: [question, question, question].join(' '),
})
