import { setTimeout as sleep } from 'node:timers/promises'
import { registerUser } from '../../test-kit/account.ts'
import { startServer } from '../../test-kit/server.ts'
import { Client } from '../client.ts'
import { Corpus } from '../corpus.ts'
import type { Scenario } from '../report.ts'
import { residentMiB } from './start.ts'

const DOCUMENTS = 100
const WORDS = 12_000
const PER_CALL = 5

type Listed = { document_infos: { status: number; slice_count: number }[] }

/** From the first upload until everything can be found, against the real server: about 10,000 chunks in 100 documents. */
export const ingest: Scenario = {
  name: 'ingest',
  run: async (log) => {
    await using server = await startServer()
    const user = await registerUser(server.url)
    const client = new Client(server.url, user.token)
    const corpus = new Corpus(5)
    const texts = Array.from({ length: DOCUMENTS }, () => corpus.text(WORDS))
    const dataset = { name: 'bench', space_id: user.spaceId, format_type: 0 }
    const { dataset_id } = await client.call<{ dataset_id: string }>('/v1/datasets', dataset)
    const list = (page: number) =>
      client.call<Listed>('/open_api/knowledge/document/list', { dataset_id, page, page_size: 100 })
    const startedMs = performance.now()
    for (let from = 0; from < DOCUMENTS; from += PER_CALL) {
      const document_bases = texts.slice(from, from + PER_CALL).map((text, i) => ({
        name: `bench-${from + i}.txt`,
        source_info: { file_base64: Buffer.from(text).toString('base64'), file_type: 'txt' },
      }))
      await client.call('/open_api/knowledge/document/create', { dataset_id, document_bases })
    }
    const uploadedMs = performance.now() - startedMs
    let documents: Listed['document_infos'] = []
    for (let waiting = DOCUMENTS; waiting > 0; ) {
      await sleep(100)
      documents = (await list(1)).document_infos
      waiting = documents.filter(({ status }) => status === 0).length
    }
    const tookMs = performance.now() - startedMs
    const chunks = documents.reduce((sum, one) => sum + one.slice_count, 0)
    log(`${chunks} chunks of ${documents.filter(({ status }) => status === 1).length} documents`)
    client.close()
    return [
      {
        name: `upload to searchable, ${chunks.toLocaleString('en-US')} chunks`,
        value: (chunks * 1000) / tookMs,
        unit: 'chunks/s',
        aim: '≥ 500 chunks/s',
      },
      { name: 'accepted', value: (DOCUMENTS * 1000) / uploadedMs, unit: 'documents/s' },
      { name: 'memory after indexing', value: residentMiB(server.pid), unit: 'MiB' },
    ]
  },
}
