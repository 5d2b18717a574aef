import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { firstDifference, Log } from '../../test-kit/equivalence/log.ts'
import { Broken, play } from '../../test-kit/equivalence/run.ts'
import { SETTINGS } from '../../test-kit/equivalence/settings.ts'
import { deploy, withoutServers } from '../../test-kit/external.ts'

let reference: Promise<Log> | undefined
/** What the script sees on all-embedded; it is played once. */
const embedded = (): Promise<Log> => {
  reference ??= play({})
  return reference
}
/** The matrix: what became of each setting. */
const results = new Map<string, string>()

for (const [name, { servers, env }] of Object.entries(SETTINGS)) {
  const skip = withoutServers(servers)
  if (skip !== false) results.set(name, `skipped: ${skip}`)
  test(`the same script sees the same on: ${name}`, { skip }, async () => {
    results.set(name, 'failed')
    const expected = (await embedded()).entries
    await using deployment = await deploy(servers)
    const startedMs = performance.now()
    const played = await play({ ...deployment.env, ...env }).catch((err: unknown) => err)
    const log = played instanceof Broken ? played.log : played
    if (!(log instanceof Log)) throw played
    const { entries } = log
    const difference = firstDifference(expected, entries)
    assert.equal(difference, undefined, played instanceof Error ? `${difference}\n\n${played.message}` : difference)
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    results.set(name, `the same, ${entries.length} calls, ${seconds} s`)
  })
}

test('the matrix is told, and docs/providers.md has each of its rows', (t) => {
  for (const [name, result] of results) t.diagnostic(`${name.padEnd(36)} ${result}`)
  const [, chapter = ''] = readFileSync('docs/providers.md', 'utf8').split('\n## The same on every setting\n')
  const rows = [...(chapter.split('\n## ')[0] ?? '').matchAll(/^\| (.+?) \| .* \|$/gm)].map((match) => match[1])
  assert.deepEqual(rows.slice(2), Object.keys(SETTINGS))
})
