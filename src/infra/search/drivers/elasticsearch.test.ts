import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { service } from '../../../../test-kit/services.ts'
import { searchCases } from '../conformance.ts'
import { openSearch } from '../open.ts'

for (const name of ['elasticsearch', 'opensearch'] as const) {
  const { uri, skip } = service(name)
  if (uri === undefined) {
    test(`search es on ${name}`, { skip }, () => undefined)
    continue
  }
  runConformance(`search es on ${name}`, searchCases, {
    features: new Set(['text', 'vector']),
    open: async () => {
      const prefix = `test-${randomBytes(6).toString('hex')}-`
      const open = async () => {
        const search = await openSearch(`${uri}${uri.includes('?') ? '&' : '?'}prefix=${prefix}`, { home: '/nowhere' })
        assert.equal(search.provider, 'es')
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
        await removeIndexes(uri, prefix)
      }
      return { harness, close }
    },
  })
}

async function removeIndexes(uri: string, prefix: string): Promise<void> {
  const { host } = new URL(uri.replace(/^es/, 'http'))
  for (const name of ['docs', 'catalog']) await fetch(`http://${host}/${prefix}${name}-1`, { method: 'DELETE' })
}
