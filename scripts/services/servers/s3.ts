import { goPrograms, pinnedVersion } from '../obtain/go.ts'
import type { Server } from '../server.ts'
import { KEYS, makeBucket, uriOf } from './s3-servers.ts'

/** Versity's S3 gateway over a folder: an S3 server that is still maintained and publishes images. */
export const s3: Server = {
  name: 's3',
  ports: ['s3'],
  obtain: (progress) => goPrograms('versitygw', ['github.com/versity/versitygw/cmd/versitygw'], progress),

  commands: ({ programs, data, ports }) => [
    {
      program: programs.versitygw ?? '',
      args: ['--port', `127.0.0.1:${ports.s3}`, '--keep-alive', '--quiet', 'posix', data],
      env: { ROOT_ACCESS_KEY: KEYS.accessKeyId, ROOT_SECRET_KEY: KEYS.secretAccessKey },
    },
  ],

  uri: uriOf,

  async probe(place) {
    await makeBucket(place)
    return `versitygw ${pinnedVersion('versitygw', 'github.com/versity/versitygw')}`
  },
}
