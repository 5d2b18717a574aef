import { connect } from '@nats-io/transport-node'
import { debian } from '../obtain/debian.ts'
import type { Server } from '../server.ts'

/** NATS with JetStream. */
export const nats: Server = {
  name: 'nats',
  ports: ['nats'],
  obtain: (progress) => debian('nats-server', ['nats-server'], progress),

  commands: ({ programs, data, ports }) => [
    {
      program: programs['nats-server'] ?? '',
      args: ['-a', '127.0.0.1', '-p', String(ports.nats), '-js', '-sd', data],
    },
  ],

  uri: ({ ports }) => `nats://127.0.0.1:${ports.nats}`,

  async probe({ ports }) {
    const client = await connect({ servers: `127.0.0.1:${ports.nats}`, timeout: 2_000, reconnect: false })
    try {
      return client.info?.version ?? 'unknown'
    } finally {
      await client.close()
    }
  },
}
