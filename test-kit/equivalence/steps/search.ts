import { handbooks } from '../../documents.ts'
import { idOf, type Step, type World } from '../world.ts'

/** By meaning, both, by words. */
const STRATEGIES = [0, 1, 20]
const QUESTIONS = [
  'Where are the copper keys?',
  'Do elephants fear mice?',
  'rain in May',
  'Who sings?',
  'A dog that sleeps',
  'xyzzy',
]

/** Lets the agent look things up in these ways and publishes it. */
export async function equip(world: World, datasets: readonly string[], knowledge: object): Promise<void> {
  const bot_id = idOf(world, 'helper')
  const dataset_ids = datasets.map((name) => idOf(world, name))
  await world.anna.post('/v1/bot/update', { bot_id, knowledge: { dataset_ids, auto_call: true, ...knowledge } })
  await world.anna.post('/v1/bot/publish', { bot_id, connector_ids: ['1024'] })
}

/** Asks the agent, and checks that what it looked up comes best first. */
export async function ask(world: World, content: string, more: object = {}): Promise<void> {
  const events = await world.anna.stream({
    bot_id: idOf(world, 'helper'),
    user_id: 'user one',
    stream: true,
    additional_messages: [{ role: 'user', content, content_type: 'text' }],
    ...more,
  })
  for (const { data } of events) {
    const scores = /knowledge_recall/.test(data?.content ?? '') ? scoresIn(data.content) : []
    const isFalling = scores.every((score, i) => score >= 0 && score <= 1 && score <= (scores[i - 1] ?? 1))
    if (!isFalling) throw new Error(`passages out of order: ${scores.join(', ')}`)
  }
}

const scoresIn = (content: string): number[] =>
  JSON.parse(JSON.parse(content).data).chunks.map(({ score }: { score: number }) => score)

export const searchSteps: readonly Step[] = [
  ...STRATEGIES.map((search_strategy) => ({
    name: `search with strategy ${search_strategy}`,
    run: async (world: World) => {
      await equip(world, ['small', 'pictures'], { search_strategy, top_k: 4 })
      for (const question of QUESTIONS) await ask(world, question)
      await equip(world, ['handbooks', 'small'], { search_strategy, top_k: 3 })
      for (const book of Object.values(handbooks))
        for (const question of book.questions.slice(0, 6)) await ask(world, question.ask)
    },
  })),
  {
    name: 'search with a least score',
    run: async (world) => {
      await equip(world, ['small'], { search_strategy: 1, min_score: 0.99 })
      await ask(world, 'xyzzy')
      await equip(world, ['small'], { search_strategy: 20, top_k: 1, min_score: 0 })
      await ask(world, 'whales')
    },
  },
]
