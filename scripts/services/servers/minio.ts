import { goPrograms, pinnedVersion } from '../obtain/go.ts'
import type { Server } from '../server.ts'
import { KEYS, makeBucket, uriOf } from './s3-servers.ts'

/** MinIO from its last public source; it has no release after that and publishes no images any more. */
export const minio: Server = {
  name: 'minio',
  ports: ['s3', 'console'],
  obtain: (progress) => goPrograms('minio', ['github.com/minio/minio'], progress),

  commands: ({ programs, data, ports }) => [
    {
      program: programs.minio ?? '',
      args: [
        ...['server', '--address', `127.0.0.1:${ports.s3}`, '--console-address', `127.0.0.1:${ports.console}`],
        ...['--quiet', data],
      ],
      env: {
        MINIO_ROOT_USER: KEYS.accessKeyId,
        MINIO_ROOT_PASSWORD: KEYS.secretAccessKey,
        MINIO_BROWSER: 'off',
        // It would ask its maker for news, and report to it.
        MINIO_UPDATE: 'off',
        MINIO_CALLHOME_ENABLE: 'off',
      },
    },
  ],

  uri: uriOf,

  async probe(place) {
    await makeBucket(place)
    return `minio ${pinnedVersion('minio', 'github.com/minio/minio')}`
  },
}
