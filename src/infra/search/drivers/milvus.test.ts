import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { MilvusClient } from '@zilliz/milvus2-sdk-node'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { service } from '../../../../test-kit/services.ts'
import { temporaryFolder } from '../../../../test-kit/tmp.ts'
import { searchCases } from '../conformance.ts'
import { openSearch } from '../open.ts'

const milvus = service('milvus')
const documents = [
  { title: 'duckdb', ...{ uri: 'duckdb://search.db', skip: false as const } },
  { title: 'elasticsearch', ...service('elasticsearch') },
  { title: 'opensearch', ...service('opensearch') },
]

for (const { title, uri, skip } of documents) {
  if (milvus.uri === undefined || uri === undefined) {
    test(`search ${title} and milvus`, { skip: milvus.skip || skip }, () => undefined)
    continue
  }
  runConformance(`search ${title} and milvus`, searchCases, {
    features: new Set(['text', 'vector']),
    open: async () => {
      const folder = await temporaryFolder()
      const random = `test_${randomBytes(6).toString('hex')}`
      const open = async () => {
        const search = await openSearch(title === 'duckdb' ? uri : `${uri}?prefix=${random}-`, {
          home: folder.path,
          vector: `${milvus.uri}?prefix=${random}_`,
        })
        assert.equal((await search.vectorHealth())?.provider, 'milvus')
        return search
      }
      const harness = {
        search: await open(),
        reopen: async () => {
          await harness.search.close()
          harness.search = await open()
          return harness.search
        },
      }
      const close = async () => {
        await harness.search.close()
        await folder.remove()
        await removeCollections(milvus.uri, `${random}_`)
        if (title !== 'duckdb') await removeIndexes(uri, `${random}-`)
      }
      return { harness, close }
    },
  })
}

async function removeCollections(uri: string, prefix: string): Promise<void> {
  const client = new MilvusClient({ address: new URL(uri).host, telemetry: { enabled: false } })
  const { data } = await client.showCollections()
  for (const { name } of data) if (name.startsWith(prefix)) await client.dropCollection({ collection_name: name })
  await client.closeConnection()
}

async function removeIndexes(uri: string, prefix: string): Promise<void> {
  const { host } = new URL(uri)
  for (const name of ['docs', 'catalog']) await fetch(`http://${host}/${prefix}${name}-1`, { method: 'DELETE' })
}
