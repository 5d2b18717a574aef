import { accountSteps } from './steps/accounts.ts'
import { agentSteps } from './steps/agents.ts'
import { chatSteps } from './steps/chats.ts'
import { conversationSteps } from './steps/conversations.ts'
import { databaseSteps, QUERIES } from './steps/databases.ts'
import { deleteSteps } from './steps/deletes.ts'
import { errorSteps } from './steps/errors.ts'
import { fileSteps } from './steps/files.ts'
import { knowledgeSteps } from './steps/knowledge.ts'
import { randomSteps } from './steps/random.ts'
import { ask, equip, searchSteps } from './steps/search.ts'
import { idOf, type Step } from './world.ts'

const queryFor = (question: string, sql: string, more: object = {}) => ({
  match: `Write one query for: ${question}`,
  reply: JSON.stringify({ sql, err_code: 0, err_msg: '', ...more }),
})

/** What the scripted model answers, by words of the question. */
export const ENTRIES = [
  ...Object.entries(QUERIES).map(([question, sql]) => queryFor(question, sql)),
  queryFor('', '', { err_code: 1, err_msg: 'no table fits' }),
  { match: 'What did I say', reply: 'You said:\n{{history}}' },
  { match: 'Tell the system', reply: '{{system}} with {{params}}' },
  { match: 'Think first', reply: 'Then speak.', reasoning: 'First this, then that.' },
  { match: 'Break down', reply: 'One two three four five six', fail: 'unavailable@3' },
  { match: '', reply: 'An answer to: {{question}}' },
]

/** What is done while the model is `scripted:`. */
export const FIRST: readonly Step[] = [
  ...accountSteps,
  ...fileSteps,
  ...agentSteps,
  ...knowledgeSteps,
  ...searchSteps,
  ...randomSteps,
  ...conversationSteps,
  ...chatSteps,
  ...databaseSteps,
  ...errorSteps,
]

/** What is done after a restart with the model `extractive:`. */
export const SECOND: readonly Step[] = [
  {
    name: 'what was found was counted',
    hidden: [],
    run: async (world) => {
      const { anna } = world
      await anna.get('/v1/datasets', { space_id: idOf(world, "anna's space") })
      for (const dataset of ['handbooks', 'small', 'pictures'])
        await anna.get('/open_api/knowledge/document/list', { dataset_id: idOf(world, dataset) })
      for (const document of ['notes.txt', 'prices.csv'])
        await anna.post('/open_api/knowledge/slice/list', { document_id: idOf(world, document), page_size: 100 })
    },
  },
  {
    name: 'everything is still there after a restart, and passages are quoted',
    run: async (world) => {
      const { anna, bob } = world
      await anna.get('/v1/users/me')
      await bob.post('/api/passport/account/info/v2/', {})
      await equip(world, ['handbooks', 'small'], { search_strategy: 1, top_k: 5 })
      for (const question of [
        'How many days of leave are there?',
        'Where are the copper keys?',
        '年假有多少天？',
        'xyzzy',
      ])
        await ask(world, question)
    },
  },
  ...deleteSteps,
]
