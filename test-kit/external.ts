import { randomBytes } from 'node:crypto'
import { createConnection } from 'mysql2/promise'
import { Client } from 'pg'
import { service } from './services.ts'

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

/** Names of its own on each server: a database that is dropped in the end, a prefix for everything else. */
export async function deploy(choice: External): Promise<Deployment> {
  const name = `t${randomBytes(5).toString('hex')}`
  const env: Record<string, string> = {}
  for (const [setting, product] of Object.entries(choice) as [keyof External, NonNullable<External['db']>][]) {
    const { uri, skip } = service(product)
    if (skip !== false) throw new Error(skip)
    env[VARIABLES[setting]] = setting === 'db' ? withDatabase(uri, name) : withPrefix(uri, name)
  }
  if (choice.db !== undefined) await onServer(service(choice.db).uri ?? '', `CREATE DATABASE ${name}`)
  const dispose = async () => {
    if (choice.db === undefined) return
    const force = choice.db === 'postgres' ? ' WITH (FORCE)' : ''
    await onServer(service(choice.db).uri ?? '', `DROP DATABASE ${name}${force}`)
  }
  return { env, [Symbol.asyncDispose]: dispose }
}

const withDatabase = (uri: string, name: string): string => uri.replace(/\/[^/?]*(\?|$)/, `/${name}$1`)
const withPrefix = (uri: string, name: string): string => `${uri}${uri.includes('?') ? '&' : '?'}prefix=${name}_`

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
