import { Random } from '../../random.ts'
import { base64Document } from '../../sdk.ts'
import { idOf, type Step, type World } from '../world.ts'
import { add } from './knowledge.ts'
import { ask, equip } from './search.ts'

/** Another seed gives another script; what was seen with it must be the same everywhere, too. */
const SEED = Number(process.env.EQUIVALENCE_SEED ?? 1)
const WORDS = [
  ...['anchor', 'barrel', 'candle', 'dragon', 'ember', 'falcon', 'garden', 'harbour', 'island', 'jungle', 'kettle'],
  ...[
    'Anker',
    'Bär',
    'Größe',
    'naïve',
    'état',
    '茶',
    '茶壶',
    '港口',
    'ประตู',
    'дом',
    '👍',
    "o'clock",
    '50%',
    'a_b',
    'c\\d',
  ],
]
const OPERATIONS = 12
const DATABASE = '/api/memory/database'

const phrase = (random: Random, most: number): string =>
  Array.from({ length: 1 + random.below(most) }, () => random.pick(WORDS)).join(' ')

function randomValue(random: Random, field: string): string {
  if (field === 'words') return phrase(random, 3)
  if (field === 'whole') return random.pick(['0', '-1', '1', '7', '42', '9007199254740993', '-9223372036854775808'])
  if (field === 'real') return random.pick(['0', '-0.5', '0.1', '0.001', '3', '1e21', '123456789.125'])
  if (field === 'day')
    return `20${10 + random.below(15)}-0${1 + random.below(9)}-1${random.below(10)} 0${random.below(10)}:30:00`
  return random.pick(['true', 'false'])
}
/** How LIKE sees very large and very small numbers is the engine's own: 1e-7 or 0.0000001. */
const PATTERNS: Readonly<Record<string, readonly string[]>> = { real: ['%.%', '-%', '%5', '3', '_._'] }
const FIELDS = ['words', 'whole', 'real', 'day', 'flag']

function randomRow(random: Random): Record<string, string> {
  const given = FIELDS.filter((field) => field === 'words' || random.below(4) > 0)
  return Object.fromEntries(given.map((field) => [field, randomValue(random, field)]))
}

function randomQuery(random: Random): object {
  const conditions = Array.from({ length: random.below(3) }, () => {
    const left = random.pick(FIELDS)
    const operation = 1 + random.below(OPERATIONS)
    const value = randomValue(random, left)
    const pattern = random.pick(PATTERNS[left] ?? [`%${random.pick([...value])}%`])
    const right = operation >= 11 ? pattern : value
    return { left, operation, right: operation === 9 || operation === 10 ? '' : right }
  })
  const order = Array.from({ length: random.below(3) }, () => random.pick(FIELDS))
  const order_by_list = [...new Set(order)].map((field) => ({ field, direction: 1 + random.below(2) }))
  return {
    filter_criterion: { logic: 1 + random.below(2), conditions },
    order_by_list: [...order_by_list, { field: 'bstudio_id', direction: 1 }],
    offset: random.below(3),
    limit: 1 + random.below(30),
  }
}

async function randomTable(world: World): Promise<void> {
  const { anna, ids } = world
  const random = new Random(SEED)
  const field_list = FIELDS.map((name, i) => ({ name, type: i + 1 })).map((field) =>
    // 3 is a date and 4 a number
    field.name === 'real' ? { ...field, type: 4 } : field.name === 'day' ? { ...field, type: 3 } : field,
  )
  const made = await anna.post(`${DATABASE}/add`, {
    space_id: idOf(world, "anna's space"),
    table_name: 'chance',
    field_list,
  })
  ids.chance = made.database_info.id
  const database = { database_id: ids.chance, table_type: 2 }
  for (let i = 0; i < 3; i++)
    await anna.post(`${DATABASE}/update_records`, {
      ...database,
      record_data_add: Array.from({ length: 20 }, () => randomRow(random)),
    })
  for (let i = 0; i < 60; i++) await anna.post(`${DATABASE}/list_records`, { ...database, ...randomQuery(random) })
}

async function randomDocuments(world: World): Promise<void> {
  const { anna, ids } = world
  const random = new Random(SEED + 1)
  const made = await anna.post('/v1/datasets', {
    space_id: idOf(world, "anna's space"),
    name: 'Chance',
    format_type: 0,
  })
  ids.chances = made.data.dataset_id
  const paragraph = () => Array.from({ length: 3 + random.below(6) }, () => phrase(random, 9)).join('. ')
  const chunk_strategy = { chunk_type: 1, separator: '\n', max_tokens: 100, overlap: 0 }
  // One after the other: what fits equally well comes by age, and those of one call are indexed side by side.
  for (let i = 0; i < 8; i++) {
    const text = Array.from({ length: 1 + random.below(4) }, paragraph).join('\n')
    await add(world, 'chances', [base64Document(`chance ${i}.txt`, text)], { chunk_strategy })
  }
  for (const search_strategy of [0, 1, 20]) {
    await equip(world, ['chances'], { search_strategy, top_k: 6, min_score: 0 })
    for (let i = 0; i < 12; i++) await ask(world, phrase(random, 4))
  }
}

export const randomSteps: readonly Step[] = [
  { name: `rows and questions by chance, seed ${SEED}`, run: randomTable },
  { name: `documents and searches by chance, seed ${SEED}`, run: randomDocuments },
]
