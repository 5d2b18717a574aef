import { openMq } from '../../src/infra/mq/open.ts'
import { percentile } from '../report.ts'
import { type Contest, times } from './contest.ts'

const MESSAGES = 2_000
const BATCH = 100

export const queue: Contest = {
  name: 'queue',
  rivals: [{ mq: 'nats' }, { mq: 'nsq' }],
  async measure(env, home) {
    const mq = await openMq(env.MQ_URI, { home })
    await mq.declare([{ topic: 'bench', groups: ['all'] }])
    let handled = 0
    let wake: (() => void) | undefined
    const subscription = await mq.consume(
      'bench',
      'all',
      async () => {
        handled++
        wake?.()
      },
      { ordered: 'none', concurrency: 64 },
    )
    const until = async (count: number) => {
      while (handled < count) await new Promise<void>((resolve) => (wake = resolve))
    }
    const body = { text: 'x'.repeat(200) }
    try {
      const one = await times(100, async () => {
        const before = handled
        await mq.publish('bench', { body })
        await until(before + 1)
      })
      const first = handled
      const startedMs = performance.now()
      for (let sent = 0; sent < MESSAGES; sent += BATCH)
        await mq.publishMany(
          'bench',
          Array.from({ length: BATCH }, () => ({ body })),
        )
      await until(first + MESSAGES)
      const tookMs = performance.now() - startedMs
      return [
        { name: 'queue, sent to handled p50', value: percentile(one, 0.5), unit: 'ms' },
        { name: 'queue, messages handled', value: (MESSAGES * 1000) / tookMs, unit: '/s' },
      ]
    } finally {
      await subscription.drain()
      await mq.close()
    }
  },
}
