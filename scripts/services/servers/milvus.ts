import { MilvusClient } from '@zilliz/milvus2-sdk-node'
import { pythonPrograms } from '../obtain/python.ts'
import type { Server } from '../server.ts'

/** Milvus Lite, which serves the protocol of Milvus from one process. */
export const milvus: Server = {
  name: 'milvus',
  ports: ['grpc'],
  obtain: (progress) => pythonPrograms('milvus', progress),

  commands: ({ programs, data, ports }) => [
    {
      program: programs.python ?? '',
      args: [
        ...['-m', 'milvus_lite', 'server', '--data-dir', data],
        ...['--host', '127.0.0.1', '--port', String(ports.grpc)],
      ],
      env: { PYTHONUNBUFFERED: '1' },
    },
  ],

  uri: ({ ports }) => `milvus://127.0.0.1:${ports.grpc}`,

  async probe({ ports }) {
    const client = new MilvusClient({ address: `127.0.0.1:${ports.grpc}`, timeout: 3_000, maxRetries: 0 })
    try {
      await client.connectPromise
      const { version } = await client.getVersion()
      if (!version) throw new Error('it tells no version')
      return version
    } finally {
      await client.closeConnection()
    }
  },

  // closes its files as by Ctrl-C
  stopSignal: 'SIGINT',
}
