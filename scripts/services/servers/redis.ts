import { Redis } from 'ioredis'
import { debian } from '../obtain/debian.ts'
import type { Server } from '../server.ts'

/** Redis that keeps an append-only file and evicts nothing, as Snug asks for. */
export const redis: Server = {
  name: 'redis',
  ports: ['redis'],
  obtain: (progress) => debian('redis-server', ['redis-server'], progress),

  commands: ({ programs, data, ports }) => [
    {
      program: programs['redis-server'] ?? '',
      args: [
        ...['--port', String(ports.redis), '--bind', '127.0.0.1', '--dir', data],
        ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
        ...['--maxmemory-policy', 'noeviction', '--daemonize', 'no'],
      ],
    },
  ],

  uri: ({ ports }) => `redis://127.0.0.1:${ports.redis}`,

  async probe(place) {
    const client = new Redis(this.uri(place), { lazyConnect: true, retryStrategy: null, connectTimeout: 2_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      return /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown'
    } finally {
      client.disconnect()
    }
  },
}
