import { setTimeout as sleep } from 'node:timers/promises'
import { registerUser } from '../../test-kit/account.ts'
import { startServer } from '../../test-kit/server.ts'
import { SETS } from '../../test-kit/sets.ts'
import { Client } from '../client.ts'
import { Corpus } from '../corpus.ts'
import { percentile } from '../report.ts'
import { type Contest, EMBEDDED, times } from './contest.ts'

const DOCUMENTS = 10
const CHATS = 30
const AT_ONCE = 20

type Listed = { document_infos: { status: number; slice_count: number }[] }

/** The whole application, as a process of its own: documents until they can be found, chats with sources until they are done. */
export const app: Contest = {
  name: 'app',
  rivals: Object.values(SETS),
  async measure(env) {
    const given = Object.entries(env).filter(([name, uri]) => uri !== (EMBEDDED as Record<string, string>)[name])
    await using server = await startServer({ env: { ...Object.fromEntries(given), MODEL_URI: 'extractive:' } })
    const user = await registerUser(server.url)
    const client = new Client(server.url, user.token)
    const corpus = new Corpus(5)
    const { dataset_id } = await client.call<{ dataset_id: string }>('/v1/datasets', {
      ...{ name: 'bench', space_id: user.spaceId, format_type: 0 },
    })
    const document_bases = Array.from({ length: DOCUMENTS }, (_, i) => ({
      name: `bench-${i}.txt`,
      source_info: { file_base64: Buffer.from(corpus.text(12_000)).toString('base64'), file_type: 'txt' },
    }))
    const startedMs = performance.now()
    await client.call('/open_api/knowledge/document/create', { dataset_id, document_bases })
    let listed: Listed['document_infos'] = []
    do {
      await sleep(50)
      const page = { dataset_id, page: 1, page_size: 100 }
      listed = (await client.call<Listed>('/open_api/knowledge/document/list', page)).document_infos
    } while (listed.some(({ status }) => status === 0))
    const tookMs = performance.now() - startedMs
    if (listed.some(({ status }) => status !== 1)) throw new Error('a document could not be indexed')
    const chunks = listed.reduce((sum, { slice_count }) => sum + slice_count, 0)

    const { bot_id } = await client.call<{ bot_id: string }>('/v1/bot/create', {
      space_id: user.spaceId,
      name: 'bench',
    })
    await client.call('/v1/bot/update', { bot_id, knowledge: { dataset_ids: [dataset_id], auto_call: true } })
    await client.call('/v1/bot/publish', { bot_id, connector_ids: ['1024'] })
    const ask = async () => {
      const content = `${corpus.word()} ${corpus.word()} ${corpus.word()}`
      const additional_messages = [{ role: 'user', content, content_type: 'text' }]
      const { completed } = await client.stream('/v3/chat', { bot_id, user_id: 'u', stream: true, additional_messages })
      if (!completed) throw new Error('a chat was not completed')
    }
    const single = await times(CHATS, ask)
    const atOnceMs = performance.now()
    for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: AT_ONCE }, ask))
    const perSecond = (3 * AT_ONCE * 1000) / (performance.now() - atOnceMs)
    client.close()
    return [
      { name: 'ingest, upload to searchable', value: (chunks * 1000) / tookMs, unit: 'chunks/s' },
      { name: 'chat with sources p50', value: percentile(single, 0.5), unit: 'ms' },
      { name: `chats with sources, ${AT_ONCE} at once`, value: perSecond, unit: '/s' },
    ]
  },
}
