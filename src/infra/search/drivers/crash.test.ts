import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { temporaryFolder } from '../../../../test-kit/tmp.ts'
import { openSearch } from '../open.ts'

const ROUNDS = 5
const OPEN = new URL('../open.ts', import.meta.url).href

/** Writes as fast as it can until it is killed, and prints what has been acknowledged, one line a call. */
const writer = (uri: string, home: string, round: number): string => `
  import { openSearch } from ${JSON.stringify(OPEN)}
  setTimeout(() => process.exit(3), 60_000) // when whoever should have killed it is gone
  const search = await openSearch(${JSON.stringify(uri)}, { home: ${JSON.stringify(home)} })
  await search.ensureIndex('a', { fields: { title: { type: 'text' }, tag: { type: 'keyword' } }, vector: { dims: 8 } })
  const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n')
  const lane = async (lane) => {
    for (let i = 0; ; i++) {
      const id = 'r${round}-' + lane + '-' + i
      const docs = [0, 1, 2].map((n) => ({
        id: id + '-' + n,
        fields: { title: 'word' + id.replaceAll('-', 'x') + ' common', tag: 'old' },
        vector: Float32Array.of(1, i, n, 0, 0, 0, 0, 1),
      }))
      await search.put('a', docs)
      say({ put: docs.map((doc) => doc.id) })
      await search.delete('a', [id + '-1'])
      say({ gone: id + '-1' })
      await search.update('a', id + '-2', { fields: { tag: 'new' } })
      say({ updated: id + '-2' })
    }
  }
  await Promise.all([lane('a'), lane('b'), lane('c')])
`

for (const uri of ['duckdb://search.db', 'sqlite://search.db']) {
  test(`${uri}: nothing acknowledged is lost when the process is killed`, async () => {
    await using folder = await temporaryFolder()
    const there = new Set<string>()
    const gone = new Set<string>()
    const updated = new Set<string>()
    for (let round = 0; round < ROUNDS; round++) {
      const code = writer(uri, folder.path, round)
      const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exited = once(child, 'exit')
      let lines = 0
      const enough = 20 + 30 * round
      for await (const line of createInterface({ input: child.stdout })) {
        const said = JSON.parse(line) as { put?: string[]; gone?: string; updated?: string }
        for (const id of said.put ?? []) there.add(id)
        if (said.gone !== undefined) gone.add(said.gone)
        if (said.updated !== undefined) updated.add(said.updated)
        if (++lines === enough) child.kill('SIGKILL')
      }
      assert.equal((await exited)[1], 'SIGKILL')

      const search = await openSearch(uri, { home: folder.path })
      for (const id of gone) assert.equal(await search.get('a', id), null, `${id} came back`)
      for (const id of there) {
        // A deletion may have been done without having been acknowledged.
        const found = await search.get('a', id)
        if (found === null) assert.match(id, /-1$/, `${id} was lost`)
        else if (updated.has(id)) assert.equal(found.fields.tag, 'new')
      }
      const some = [...there].filter((id) => id.endsWith('-0')).slice(-5)
      for (const id of some) {
        const query = `word${id.slice(0, -2).replaceAll('-', 'x')}`
        const { hits } = await search.search('a', { text: { query } })
        assert.ok(
          hits.some((hit) => hit.id === id),
          `${id} is not found by its words`,
        )
      }
      const listed: string[] = []
      for await (const { id } of search.scan('a')) listed.push(id)
      assert.equal(new Set(listed).size, listed.length)
      assert.equal(await search.count('a'), listed.length)
      await search.close()
    }
    assert.ok(there.size > 100)
  })
}
