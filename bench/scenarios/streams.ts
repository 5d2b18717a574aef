import { registerUser } from '../../test-kit/account.ts'
import { startServer } from '../../test-kit/server.ts'
import { Client } from '../client.ts'
import { percentile, type Row, type Scenario } from '../report.ts'
import { residentMiB } from './start.ts'

const CONCURRENT = [1, 100, 1_000]
const CHUNKS = 50

/** Streamed chats at once against the real server, with a model that answers in 50 pieces, 100 ms apart. */
export const streams: Scenario = {
  name: 'streams',
  run: async (log) => {
    await using server = await startServer({ env: { MODEL_URI: `scripted:?chunks=${CHUNKS}&delay=100ms` } })
    const user = await registerUser(server.url)
    const client = new Client(server.url, user.token)
    const { bot_id } = await client.call<{ bot_id: string }>('/v1/bot/create', {
      space_id: user.spaceId,
      name: 'bench',
    })
    await client.call('/v1/bot/publish', { bot_id, connector_ids: ['1024'] })
    const ask = () =>
      client.stream('/v3/chat', {
        bot_id,
        user_id: 'bench',
        stream: true,
        additional_messages: [
          { role: 'user', content: 'one two three four five six seven eight', content_type: 'text' },
        ],
      })
    await Promise.all(Array.from({ length: 20 }, ask))
    const rows: Row[] = []
    for (const concurrent of CONCURRENT) {
      const startedMs = performance.now()
      const results = await Promise.allSettled(Array.from({ length: concurrent }, ask))
      const tookMs = performance.now() - startedMs
      const good = results.flatMap((result) =>
        result.status === 'fulfilled' && result.value.completed ? [result.value] : [],
      )
      const first = good.map(({ firstMs }) => firstMs)
      const events = good.reduce((sum, one) => sum + one.events, 0)
      const label = `${concurrent.toLocaleString('en-US')} streams`
      log(`${label}: ${good.length} completed`)
      rows.push(
        { name: `first event p50, ${label}`, value: percentile(first, 0.5), unit: 'ms' },
        { name: `first event, the last of ${label}`, value: Math.max(...first), unit: 'ms', aim: '≤ 1,000 ms' },
        { name: `events, ${label}`, value: (events * 1000) / tookMs, unit: '/s' },
        { name: `failed, ${label}`, value: concurrent - good.length, unit: '', aim: '0' },
      )
    }
    rows.push({ name: 'memory after the streams', value: residentMiB(server.pid), unit: 'MiB' })
    client.close()
    return rows
  },
}
