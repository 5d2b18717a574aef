import { openKv } from '../../src/infra/kv/open.ts'
import { rate } from '../report.ts'
import type { Contest } from './contest.ts'

const VALUE = 'x'.repeat(100)

export const kv: Contest = {
  name: 'kv',
  rivals: [{ kv: 'redis' }],
  async measure(env, home) {
    const store = await openKv(env.KV_URI, { home })
    const key = (i: number) => `key:${(i * 7919) % 10_000}`
    const many = (call: (i: number) => Promise<unknown>) => Promise.all(Array.from({ length: 64 }, (_, i) => call(i)))
    const batch = async () => {
      const pipeline = store.pipeline()
      for (let i = 0; i < 100; i++) pipeline.set(key(i), VALUE)
      await pipeline.exec()
    }
    try {
      return [
        { name: 'kv set', value: await rate((i) => store.set(key(i), VALUE)), unit: '/s' },
        { name: 'kv get', value: await rate((i) => store.get(key(i))), unit: '/s' },
        { name: 'kv incr, 64 at once', value: 64 * (await rate(() => many((i) => store.incr(`n:${i}`)))), unit: '/s' },
        { name: 'kv set, pipelines of 100', value: 100 * (await rate(batch)), unit: '/s' },
      ]
    } finally {
      for await (const left of store.admin.scan()) await store.del(left)
      await store.close()
    }
  },
}
