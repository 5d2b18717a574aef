import { openBlob } from '../../src/infra/blob/open.ts'
import { rate } from '../report.ts'
import type { Contest } from './contest.ts'

const MIB = 1024 ** 2
const LARGE_MIB = 32
const SMALL = Buffer.alloc(4096, 1)

async function* large(): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < LARGE_MIB * 4; piece++) yield Buffer.alloc(MIB / 4, piece)
}

export const blob: Contest = {
  name: 'blob',
  rivals: [{ blob: 'minio' }, { blob: 's3' }],
  async measure(env, home) {
    const store = await openBlob(env.BLOB_URI, { home, publicUrl: () => 'http://localhost' })
    const mibPerSecond = async (call: () => Promise<unknown>) => {
      const startedMs = performance.now()
      for (let round = 0; round < 3; round++) await call()
      return (3 * LARGE_MIB * 1000) / (performance.now() - startedMs)
    }
    const read = async () => {
      const { body } = await store.stream('large')
      for await (const _chunk of body);
    }
    try {
      return [
        { name: 'blob put, 4 KiB', value: await rate((i) => store.put(`small/${i % 100}`, SMALL)), unit: '/s' },
        { name: 'blob get, 4 KiB', value: await rate((i) => store.get(`small/${i % 20}`)), unit: '/s' },
        {
          name: `blob put, stream of ${LARGE_MIB} MiB`,
          value: await mibPerSecond(() => store.put('large', large())),
          unit: 'MiB/s',
        },
        { name: `blob get, stream of ${LARGE_MIB} MiB`, value: await mibPerSecond(read), unit: 'MiB/s' },
        { name: 'blob sign', value: await rate((i) => store.signUrl(`small/${i % 100}`)), unit: '/s' },
      ]
    } finally {
      for await (const { key } of store.listAll('')) await store.delete(key)
      await store.close()
    }
  },
}
