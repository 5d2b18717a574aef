import { Api } from './api.ts'
import { type Client, change, Fact, Facts, type Journal } from './facts.ts'
import type { Random } from './random.ts'

type Dataset = { name: string }
type Document = { name: string }
type Owner = { token: string; spaceId: string }
type NewDocument = { name: string; word: string; isBroken: boolean; source_info: object }
type Infos = { document_infos: { document_id: string; name: string; status: number; status_descript: string }[] }

const DONE = 1
const FAILED = 9
/** What an endpoint answers for a dataset or document that is gone. */
const GONE = [403, 404]

export class DocumentFact extends Fact<Document> {
  readonly datasetId: string
  /** A word that no other document holds; it stands in every paragraph. */
  readonly word: string
  /** Whether it can only end as failed. */
  readonly isBroken: boolean

  constructor(id: string, document: NewDocument, datasetId: string) {
    super(id, [{ name: document.name }])
    this.datasetId = datasetId
    this.word = document.word
    this.isBroken = document.isBroken
  }
}

/** Fills datasets with documents, renames and deletes both, and has documents indexed again. */
export function librarian(name: string, owner: Owner, random: Random, journal: Journal) {
  const datasets = new Facts<Dataset>('dataset', journal)
  const documents = new Facts<Document, DocumentFact>('document', journal)
  let made = 0
  const api = (url: string) => new Api(url, owner)

  const makeDataset = async (url: string) => {
    const dataset = { name: `shelf ${datasets.count}` }
    const body = { ...dataset, space_id: owner.spaceId, format_type: 0 }
    const { data } = await api(url).call<{ data: { dataset_id: string } }>('POST', '/v1/datasets', body)
    datasets.add(new Fact<Dataset>(data.dataset_id, [dataset]))
  }
  const newDocument = async (url: string): Promise<NewDocument> => {
    const word = wordOf(name, ++made)
    const text = prose(word, random.int(1, 30), random)
    const base64 = Buffer.from(text).toString('base64')
    const roll = random.next()
    const give = (end: string, source_info: object, isBroken = false) => {
      return { name: `book ${made}.${end}`, word, isBroken, source_info }
    }
    if (roll < 0.08) return give('pdf', { document_source: 0, file_base64: base64, file_type: 'pdf' }, true)
    if (roll < 0.4) return give('md', { document_source: 0, file_base64: base64, file_type: 'md' })
    if (roll < 0.7) return give('txt', { document_source: 2, custom_content: text })
    const file = await api(url).upload<{ data: { id: string } }>(`${word}.txt`, [Buffer.from(text)], 0)
    journal.born(file.data.id, 'file')
    return give('txt', { document_source: 5, source_file_id: file.data.id })
  }
  const addDocuments = async (url: string, dataset: Fact<Dataset>) => {
    const bases: NewDocument[] = []
    for (let left = random.int(1, 2); left > 0; left--) bases.push(await newDocument(url))
    const document_bases = bases.map(({ name, source_info }) => ({ name, source_info }))
    const body = { dataset_id: dataset.id, document_bases, chunk_strategy: { chunk_type: 0 } }
    const { document_infos } = await api(url).call<Infos>('POST', '/open_api/knowledge/document/create', body)
    for (const [i, base] of bases.entries())
      documents.add(new DocumentFact(document_infos[i]?.document_id ?? '', base, dataset.id))
  }
  const infosOf = async (url: string, datasetId: string, ids: string[]): Promise<Infos['document_infos']> => {
    const path = '/open_api/knowledge/document/list'
    const list = (part: string[]) =>
      api(url).find<Infos>('POST', path, { dataset_id: datasetId, document_ids: part, page_size: 100 }, GONE)
    const parts = Array.from({ length: Math.ceil(ids.length / 100) }, (_, i) => ids.slice(i * 100, (i + 1) * 100))
    return (await Promise.all(parts.map(list))).flatMap((answer) => answer?.document_infos ?? [])
  }

  const client: Client = {
    name,
    step: async (url) => {
      const dataset = datasets.pick(random)
      const document = documents.pick(random)
      const roll = random.next()
      if (dataset === undefined || roll < 0.08) return makeDataset(url)
      if (document === undefined || roll < 0.6) return addDocuments(url, dataset)
      if (roll < 0.68) {
        const next = { name: `shelf named ${random.int(0, 999)}` }
        await change([[dataset, next]], () => api(url).call('PUT', `/v1/datasets/${dataset.id}`, next))
      } else if (roll < 0.76) {
        const next = { name: `book named ${random.int(0, 999)}` }
        const body = { document_id: document.id, document_name: next.name }
        await change([[document, next]], () => api(url).call('POST', '/open_api/knowledge/document/update', body))
      } else if (roll < 0.84) {
        await api(url).call('POST', '/open_api/knowledge/document/retry', { document_ids: [document.id] })
      } else if (roll < 0.97) {
        const other = documents.pick(random) ?? document
        const gone = [...new Set([document, other])]
        const body = { document_ids: gone.map(({ id }) => id) }
        const act = () => api(url).call('POST', '/open_api/knowledge/document/delete', body)
        await change(
          gone.map((one) => [one, null] as const),
          act,
        )
      } else {
        const within = documents.live.filter((one) => one.datasetId === dataset.id)
        const gone = [dataset, ...within].map((one) => [one, null] as const)
        await change(gone, () => api(url).call('DELETE', `/v1/datasets/${dataset.id}`))
      }
    },
    check: async (url, which) => {
      type List = { data: { dataset_list: { dataset_id: string; name: string }[]; total_count: number } }
      const path = `/v1/datasets?space_id=${owner.spaceId}&page_size=300`
      const { data } = await api(url).call<List>('GET', path)
      if (data.total_count > 300) throw new Error('too many datasets to see all of them')
      const names = new Map(data.dataset_list.map((one) => [one.dataset_id, { name: one.name }]))
      await datasets.check(which, async ({ id }) => names.get(id) ?? null)
      for (const [datasetId, facts] of Map.groupBy(documents.select(which), (fact) => fact.datasetId)) {
        const ids = facts.map(({ id }) => id)
        const infos = new Map((await infosOf(url, datasetId, ids)).map((info) => [info.document_id, info]))
        for (const fact of facts) {
          const info = infos.get(fact.id)
          documents.compare(fact, info === undefined ? null : { name: info.name })
        }
      }
    },
  }

  /** How many documents are still being processed; complains about those that have ended as they must not. */
  const unsettled = async (url: string): Promise<number> => {
    let waiting = 0
    for (const [datasetId, facts] of Map.groupBy(documents.live, (fact) => fact.datasetId)) {
      const byId = new Map(facts.map((fact) => [fact.id, fact]))
      for (const info of await infosOf(url, datasetId, [...byId.keys()])) {
        const isBroken = byId.get(info.document_id)?.isBroken === true
        const isRight = isBroken ? info.status === FAILED && info.status_descript !== '' : info.status === DONE
        if (info.status !== DONE && info.status !== FAILED) waiting++
        else if (!isRight)
          journal.complain(`document ${info.document_id} ended as ${info.status}: ${info.status_descript}`)
      }
    }
    return waiting
  }
  return { ...client, datasets, documents, unsettled }
}

/** A word of letters only, so that no analysis takes it apart. */
const wordOf = (name: string, n: number): string =>
  `${name}${[...String(n)].map((digit) => 'qwxzkvjyfh'[Number(digit)]).join('')}zq`

const COMMON = 'the oven cools before winter while seven clerks count copper keys in a quiet harbour office'.split(' ')

function prose(word: string, paragraphs: number, random: Random): string {
  const sentence = () => Array.from({ length: 14 }, () => random.pick(COMMON)).join(' ')
  const paragraph = (_: unknown, i: number) =>
    `Part ${i} of ${word}. ${Array.from({ length: 8 }, sentence).join('. ')}.`
  return Array.from({ length: paragraphs }, paragraph).join('\n\n')
}
