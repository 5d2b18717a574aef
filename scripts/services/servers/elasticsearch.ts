import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { javaPrograms } from '../obtain/java.ts'
import type { Place, Server } from '../server.ts'
import { MEMORY, searchVersion } from './search-servers.ts'

const homeOf = ({ data }: Place) => join(data, 'home')

/**
 * The engine of Elasticsearch from its Maven artifacts. They hold no modules, so its network module is ours
 * (`java/elasticsearch-shared`, and what differs by version in the folder of the name), and there is neither Painless
 * nor reindexing: no scripts, no `_delete_by_query`.
 */
const engine = (name: 'elasticsearch' | 'elasticsearch8'): Server => ({
  name,
  ports: ['http'],
  obtain: (progress) => javaPrograms(name, { atLeast: 21, atMost: 25 }, progress, ['elasticsearch-shared']),
  lacks: ['painless', 'reindex'],

  async prepare(place) {
    const home = homeOf(place)
    const plugin = join(home, 'plugins', 'snug-loopback')
    rmSync(home, { recursive: true, force: true })
    for (const folder of [plugin, join(home, 'modules'), join(home, 'lib'), join(place.data, 'config')])
      mkdirSync(folder, { recursive: true })
    cpSync(place.programs.plugin ?? '', join(plugin, 'plugin.jar'))
    const descriptor = 'plugin-descriptor.properties'
    cpSync(new URL(`../java/${name}/${descriptor}`, import.meta.url), join(plugin, descriptor))
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
})

export const elasticsearch = engine('elasticsearch')
export const elasticsearch8 = engine('elasticsearch8')
