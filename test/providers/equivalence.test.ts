import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { firstDifference, Log } from '../../test-kit/equivalence/log.ts'
import { Names } from '../../test-kit/equivalence/names.ts'
import { Broken, play } from '../../test-kit/equivalence/run.ts'
import { SETTINGS } from '../../test-kit/equivalence/settings.ts'
import { deploy, type External, withoutServers } from '../../test-kit/external.ts'

let reference: Promise<Log> | undefined
/** What the script sees on all-embedded; it is played once. */
const embedded = (): Promise<Log> => {
  reference ??= play({})
  return reference
}
/** The matrix: what became of each setting. */
const results = new Map<string, string>()

/** What needs no server is played by `make test`, and not once more where servers are required. */
const skipOf = (servers: External): string | false =>
  process.env.SERVICES_REQUIRED && Object.keys(servers).length === 0 ? '"make test" plays it' : withoutServers(servers)

for (const [name, { servers, env, isRare = false }] of Object.entries(SETTINGS)) {
  const skip = (isRare && process.env.EQUIVALENCE !== 'all' && 'EQUIVALENCE=all plays it, too') || skipOf(servers)
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

test('names hide what differs from run to run, and nothing else', () => {
  const names = new Names()
  names.addServer('http://127.0.0.1:4711')
  const now = Date.now()
  const seen = names.of({
    id: '7712884402270787983',
    again: 'files/7712884402270787983.txt and 7712884402270787984',
    limits: ['9223372036854775807', '9007199254740993', 42, 0.5],
    times: [Math.floor(now / 1000), String(now), '1999-12-31 23:59:59', new Date(now).toISOString()],
    expires: Math.floor(now / 1000) + 30 * 86_400,
    link: 'http://127.0.0.1:9/bucket/x?X-Amz-Signature=1',
    page: 'http://127.0.0.1:4711/docs pat_abc pat_abd pat_abc',
    score: 0.25,
  })
  assert.deepEqual(seen, {
    id: '<id:1>',
    again: 'files/<id:1>.txt and <id:2>',
    limits: ['9223372036854775807', '9007199254740993', 42, 0.5],
    times: ['<time>', '<time>', '1999-12-31 23:59:59', '<time>'],
    expires: '<time>',
    link: '<link>',
    page: '<server>/docs <token:1> <token:2> <token:1>',
    score: '<score>',
  })
})

test('the first difference is told with its step, its call and the lines around it', () => {
  const logOf = (...amounts: number[]) => {
    const log = new Log()
    log.begin('rows')
    for (const amount of amounts) log.add('POST /rows', { amount }, 200, { rows: [{ amount }], total: 1 })
    return log.entries
  }
  assert.equal(firstDifference(logOf(1, 2), logOf(1, 2)), undefined)
  assert.match(firstDifference(logOf(1, 2), logOf(1)) ?? '', /fewer calls|more calls/)
  const log = new Log()
  log.begin('rows')
  log.add('POST /rows', { amount: 1 }, 200, { rows: [{ amount: 2 }], total: 1 })
  const told = firstDifference(logOf(1), log.entries)
  assert.match(
    told ?? '',
    /step "rows", call 1: POST \/rows \{"amount":1\}, line 5\nexpected\n[^+]*-\s+"amount": 1[^-]*\+\s+"amount": 2/,
  )
})

test('the matrix is told, and docs/providers.md has each of its rows', (t) => {
  for (const [name, result] of results) t.diagnostic(`${name.padEnd(36)} ${result}`)
  const [, chapter = ''] = readFileSync('docs/providers.md', 'utf8').split('\n## The same on every setting\n')
  const rows = [...(chapter.split('\n## ')[0] ?? '').matchAll(/^\| (.+?) \| .* \|$/gm)].map((match) => match[1])
  assert.deepEqual(rows.slice(2), Object.keys(SETTINGS))
})
