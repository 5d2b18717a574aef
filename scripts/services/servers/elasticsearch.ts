import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { javaPrograms } from '../obtain/java.ts'
import type { Place, Server } from '../server.ts'
import { MEMORY, searchVersion } from './search-servers.ts'

const homeOf = ({ data }: Place) => join(data, 'home')
const DESCRIPTOR = new URL('../java/elasticsearch/plugin-descriptor.properties', import.meta.url)

/**
 * The engine of Elasticsearch from its Maven artifacts. They hold no modules, so its network module is ours
 * (`java/elasticsearch`), and there is neither Painless nor reindexing: no scripts, no `_delete_by_query`.
 */
export const elasticsearch: Server = {
  name: 'elasticsearch',
  ports: ['http'],
  obtain: (progress) => javaPrograms('elasticsearch', { atLeast: 21, atMost: 25 }, progress),
  lacks: ['painless', 'reindex'],

  async prepare(place) {
    const home = homeOf(place)
    const plugin = join(home, 'plugins', 'snug-loopback')
    rmSync(home, { recursive: true, force: true })
    for (const folder of [plugin, join(home, 'modules'), join(home, 'lib'), join(place.data, 'config')])
      mkdirSync(folder, { recursive: true })
    cpSync(place.programs.plugin ?? '', join(plugin, 'plugin.jar'))
    cpSync(DESCRIPTOR, join(plugin, 'plugin-descriptor.properties'))
  },

  commands: (place) => [
    {
      program: place.programs.java ?? '',
      args: [
        ...MEMORY,
        ...['--enable-native-access=ALL-UNNAMED', '--add-modules=jdk.incubator.vector'],
        '-Dsun.net.httpserver.nodelay=true',
        ...['-cp', `${place.programs.launcher}:${join(place.programs.lib ?? '', '*')}`],
        ...['snug.services.Launcher', homeOf(place), place.data, String(place.ports.http)],
      ],
    },
  ],

  uri: ({ ports }) => `es://127.0.0.1:${ports.http}`,
  probe: ({ ports }) => searchVersion(ports.http),
  startWithinMs: 180_000,
}
