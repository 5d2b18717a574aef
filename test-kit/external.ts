import { randomBytes } from 'node:crypto'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import type { ServiceName } from '../scripts/services/names.ts'
import { removeStreams, removeTopics } from './queues.ts'
import { milvusPlace, searchPlace } from './search-servers.ts'
import { service } from './services.ts'
import { withParams } from './uris.ts'

/** Which server stands behind each setting; what is not named stays embedded. */
export type External = {
  db?: 'mariadb' | 'mysql' | 'postgres'
  kv?: 'redis'
  search?: 'elasticsearch' | 'opensearch'
  vector?: 'milvus'
  mq?: 'nsq' | 'nats'
  blob?: 'minio' | 's3'
}

const VARIABLES = {
  db: 'DB_URI',
  kv: 'KV_URI',
  search: 'SEARCH_URI',
  vector: 'VECTOR_URI',
  mq: 'MQ_URI',
  blob: 'BLOB_URI',
} as const

/** The environment of a deployment that shares the servers with others, and sees nothing of them. */
export type Deployment = AsyncDisposable & { env: Readonly<Record<string, string>> }

/** Why one of the servers is not there; `false` when all are. Fits the `skip` of a test. */
export function withoutServers(choice: External): string | false {
  for (const name of Object.values(choice)) {
    const { skip } = service(name)
    if (skip !== false) return skip
  }
  return false
}

/** Whichever full text server is here. */
export const textServer = (): 'elasticsearch' | 'opensearch' =>
  service('elasticsearch').skip === false ? 'elasticsearch' : 'opensearch'

/** Names of its own on each server, removed in the end: a database, indexes, topics, and a prefix for keys and blobs. */
export async function deploy(choice: External): Promise<Deployment> {
  const env: Record<string, string> = {}
  await using places = new AsyncDisposableStack()
  for (const [setting, product] of Object.entries(choice) as [keyof External, ServiceName][]) {
    const { uri, remove } = await placeOn(product)
    env[VARIABLES[setting]] = uri
    if (remove !== undefined) places.defer(remove)
  }
  const kept = places.move()
  return { env, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

type OwnPlace = { uri: string; remove?: () => Promise<void> }

async function placeOn(product: ServiceName): Promise<OwnPlace> {
  const { uri, skip } = service(product)
  if (skip !== false) throw new Error(skip)
  const name = `t${randomBytes(5).toString('hex')}`
  const prefix = `${name}_`
  const own = withParams(uri, `prefix=${prefix}_`)
  switch (product) {
    case 'mariadb':
    case 'mysql':
    case 'postgres': {
      await onServer(uri, `CREATE DATABASE ${name}`)
      const force = product === 'postgres' ? ' WITH (FORCE)' : ''
      return { uri: withDatabase(uri, name), remove: () => onServer(uri, `DROP DATABASE ${name}${force}`) }
    }
    case 'elasticsearch':
    case 'opensearch':
      return searchPlace(product)
    case 'milvus':
      return milvusPlace()
    case 'nsq':
      return { uri: own, remove: () => removeTopics(uri, prefix) }
    case 'nats':
      return { uri: own, remove: () => removeStreams(uri, prefix) }
    default:
      return { uri: own }
  }
}

const withDatabase = (uri: string, name: string): string => uri.replace(/\/[^/?]*(\?|$)/, `/${name}$1`)

async function onServer(uri: string, statement: string): Promise<void> {
  if (uri.startsWith('postgres')) {
    const client = new Client({ connectionString: uri })
    await client.connect()
    await client.query(statement).finally(() => client.end())
  } else {
    const connection = await createConnection(uri)
    await connection.query(statement).finally(() => connection.end())
  }
}
