import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { javaPrograms } from '../obtain/java.ts'
import type { Server } from '../server.ts'
import { MEMORY, searchVersion } from './search-servers.ts'

/** OpenSearch from its Maven artifacts, with Painless; without the plugin for vector indexes. */
export const opensearch: Server = {
  name: 'opensearch',
  ports: ['http', 'transport'],
  obtain: (progress) => javaPrograms('opensearch', { atLeast: 17, atMost: 21 }, progress),

  async prepare({ data }) {
    mkdirSync(join(data, 'config'), { recursive: true })
  },

  commands: ({ programs, data, ports }) => [
    {
      program: programs.java ?? '',
      args: [
        ...MEMORY,
        `-Dopensearch.path.conf=${join(data, 'config')}`,
        '--add-opens=java.base/java.lang=ALL-UNNAMED',
        ...['-cp', `${programs.launcher}:${join(programs.lib ?? '', '*')}`],
        ...['snug.services.Launcher', data, String(ports.http), String(ports.transport)],
      ],
    },
  ],

  uri: ({ ports }) => `es://127.0.0.1:${ports.http}`,
  probe: ({ ports }) => searchVersion(ports.http),
  startWithinMs: 180_000,
}
