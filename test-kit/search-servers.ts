import { randomBytes } from 'node:crypto'
import { MilvusClient } from '@zilliz/milvus2-sdk-node'
import { service } from './services.ts'
import { withParams } from './uris.ts'

/** A place on a server that a test has for itself. */
export type Place = { uri: string; prefix: string; port: number; remove(): Promise<void> }

/** The servers that keep documents and speak the protocol of Elasticsearch. */
export const TEXT_SERVERS = ['elasticsearch', 'elasticsearch8', 'opensearch'] as const

/** A place on the search server; only where it is there. */
export function searchPlace(name: (typeof TEXT_SERVERS)[number]): Place {
  const { uri = '' } = service(name)
  const prefix = `test-${randomBytes(6).toString('hex')}-`
  const { host, port } = new URL(uri)
  const remove = async () => {
    for (const index of ['docs', 'catalog']) await fetch(`http://${host}/${prefix}${index}-1`, { method: 'DELETE' })
  }
  return { uri: withParams(uri, `prefix=${prefix}`), prefix, port: Number(port), remove }
}

/** A place in Milvus; only where it is there. */
export function milvusPlace(): Place {
  const { uri = '' } = service('milvus')
  const prefix = `test_${randomBytes(6).toString('hex')}_`
  const { host, port } = new URL(uri)
  const remove = async () => {
    const client = new MilvusClient({ address: host, telemetry: { enabled: false } })
    const { data } = await client.showCollections()
    for (const { name } of data) if (name.startsWith(prefix)) await client.dropCollection({ collection_name: name })
    await client.closeConnection()
  }
  return { uri: withParams(uri, `prefix=${prefix}`), prefix, port: Number(port), remove }
}
