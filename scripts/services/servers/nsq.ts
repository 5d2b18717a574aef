import { goPrograms } from '../obtain/go.ts'
import type { Server } from '../server.ts'

const PACKAGES = ['github.com/nsqio/nsq/apps/nsqlookupd', 'github.com/nsqio/nsq/apps/nsqd']

async function get(url: string): Promise<unknown> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  if (!answer.ok) throw new Error(`${answer.status} from ${url}`)
  return answer.json()
}

/** nsqd, and the nsqlookupd that tells where it is. */
export const nsq: Server = {
  name: 'nsq',
  ports: ['nsqd', 'nsqdHttp', 'lookupd', 'lookupdHttp'],
  obtain: (progress) => goPrograms('nsq', PACKAGES, progress),

  commands: ({ programs, data, ports }) => [
    {
      program: programs.nsqlookupd ?? '',
      args: [
        `-tcp-address=127.0.0.1:${ports.lookupd}`,
        `-http-address=127.0.0.1:${ports.lookupdHttp}`,
        '-broadcast-address=127.0.0.1',
      ],
    },
    {
      program: programs.nsqd ?? '',
      args: [
        `-data-path=${data}`,
        `-tcp-address=127.0.0.1:${ports.nsqd}`,
        `-http-address=127.0.0.1:${ports.nsqdHttp}`,
        `-lookupd-tcp-address=127.0.0.1:${ports.lookupd}`,
        '-broadcast-address=127.0.0.1',
      ],
    },
  ],

  uri: ({ ports }) => `nsq://127.0.0.1:${ports.nsqd}?lookupd=http://127.0.0.1:${ports.lookupdHttp}`,

  async probe({ ports }) {
    const { version } = (await get(`http://127.0.0.1:${ports.nsqdHttp}/info`)) as { version: string }
    const nodes = (await get(`http://127.0.0.1:${ports.lookupdHttp}/nodes`)) as { producers: unknown[] }
    if (nodes.producers.length === 0) throw new Error('nsqlookupd does not know nsqd yet')
    return version
  },
}
