import { handbooks, prices } from '../../documents.ts'
import { base64Document } from '../../sdk.ts'
import { idOf, type Step, type World } from '../world.ts'

const KNOWLEDGE = '/open_api/knowledge'
const csv = prices.map((row) => row.join(',')).join('\n')

/** Adds documents to a dataset, waits until each is done, and keeps their ids by their names. */
export async function add(
  world: World,
  dataset: string,
  documents: readonly object[],
  more: object = {},
): Promise<void> {
  const { anna, ids } = world
  const dataset_id = idOf(world, dataset)
  const { document_infos: made } = await anna.post(`${KNOWLEDGE}/document/create`, {
    dataset_id,
    document_bases: documents,
    ...more,
  })
  if (made === undefined) return
  for (const { name, document_id } of made) ids[name] = document_id
  await settled(
    world,
    dataset,
    made.map((info: { document_id: string }) => info.document_id),
  )
}

async function settled({ anna, ids }: World, dataset: string, document_ids: string[]): Promise<void> {
  type Progress = { status: number }
  const isDone = (answer: { data?: { data?: Progress[] } }) =>
    answer.data?.data?.every(({ status }) => status !== 0) ?? true
  await anna.until(`/v1/datasets/${ids[dataset]}/process`, { document_ids }, isDone)
}

export const knowledgeSteps: readonly Step[] = [
  {
    name: 'datasets',
    run: async (world) => {
      const { anna, bob, ids } = world
      const space_id = idOf(world, "anna's space")
      const create = async (name: string, format_type = 0) =>
        (await anna.post('/v1/datasets', { space_id, name, format_type })).data?.dataset_id
      ids.handbooks = await create('Handbooks')
      ids.small = await create('small')
      ids.pictures = await create('Pictures', 2)
      await create('')
      await create('Sounds', 7)
      await bob.post('/v1/datasets', { space_id, name: 'x', format_type: 0 })
      await anna.put(`/v1/datasets/${ids.small}`, { name: 'Small 小', description: 'few words' })
      await bob.put(`/v1/datasets/${ids.small}`, { name: 'Mine' })
      await anna.get('/v1/datasets', { space_id, page_num: '1', page_size: '2' })
      await anna.get('/v1/datasets', { space_id, name: 'sMaLL' })
      await anna.get('/v1/datasets', { space_id, name: '%' })
    },
  },
  {
    name: 'documents are indexed',
    run: async (world) => {
      const pages = (name: 'en' | 'zh') => handbooks[name].pages.join('\n\n')
      await add(
        world,
        'handbooks',
        [base64Document('handbook.md', pages('en')), base64Document('手册.md', pages('zh'))],
        {
          chunk_strategy: { chunk_type: 1, separator: '\n\n', max_tokens: 600, overlap: 10 },
        },
      )
      await add(world, 'handbooks', [base64Document('prices.csv', csv)])
      const facts = [
        'Elephants fear no mice.',
        'The harbour clerk counts copper keys.',
        'Rain falls on the plain in May.',
      ]
      for (const [i, fact] of facts.entries()) await add(world, 'small', [base64Document(`fact ${i}.txt`, fact)])
      await add(world, 'small', [{ name: 'notes.txt', source_info: { source_file_id: idOf(world, 'notes') } }])
      await add(world, 'small', [
        { name: 'words', source_info: { document_source: 2, custom_content: 'Blue whales sing.' } },
      ])
    },
  },
  {
    name: 'documents that cannot be read',
    run: async (world) => {
      const { anna, bob } = world
      const name = 'no.pdf'
      await add(world, 'small', [base64Document(name, '%PDF-1.4 but not really')])
      await add(world, 'small', [{ name: 'web', source_info: { document_source: 1, web_url: 'https://example.org' } }])
      await add(world, 'small', [])
      await anna.post(`${KNOWLEDGE}/document/retry`, { document_ids: [idOf(world, name)] })
      await settled(world, 'small', [idOf(world, name)])
      await bob.post(`${KNOWLEDGE}/document/retry`, { document_ids: [idOf(world, name)] })
    },
  },
  {
    name: 'lists of documents and slices',
    run: async (world) => {
      const { anna, bob } = world
      const dataset_id = idOf(world, 'small')
      for (const page of [1, 2, 3]) await anna.post(`${KNOWLEDGE}/document/list`, { dataset_id, page, size: 3 })
      await anna.post(`${KNOWLEDGE}/document/list`, { dataset_id, keyword: 'FACT' })
      await anna.get(`${KNOWLEDGE}/document/list`, { dataset_id: idOf(world, 'handbooks') })
      await bob.post(`${KNOWLEDGE}/document/list`, { dataset_id })
      const rename = { document_id: idOf(world, 'fact 0.txt'), document_name: 'Elefant 🐘.txt' }
      await anna.post(`${KNOWLEDGE}/document/update`, {
        ...rename,
        update_rule: { update_type: 0, update_interval: 0 },
      })
      for (const name of ['handbook.md', '手册.md', 'prices.csv', 'fact 0.txt'])
        await anna.post(`${KNOWLEDGE}/slice/list`, { document_id: idOf(world, name), page_size: 100 })
      await anna.post(`${KNOWLEDGE}/slice/list`, {
        document_id: idOf(world, 'handbook.md'),
        keyword: 'leave',
        page_size: 2,
      })
      await anna.get('/v1/datasets', { space_id: idOf(world, "anna's space") })
    },
  },
  {
    name: 'pictures',
    run: async (world) => {
      const { anna, ids } = world
      const picture = (name: string, caption: string) => ({ ...base64Document(name, `png of ${name}`), caption })
      await add(world, 'pictures', [picture('boat.png', 'A red boat at sea'), picture('dog.png', '')])
      const images = `/v1/datasets/${ids.pictures}/images`
      await anna.put(`${images}/${idOf(world, 'dog.png')}`, { caption: 'A dog that sleeps' })
      await settled(world, 'pictures', [idOf(world, 'dog.png')])
      await anna.get(images)
      await anna.get(images, { keyword: 'sleeps' })
    },
  },
]
