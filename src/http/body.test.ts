import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJson } from './body.ts'

const BIG = '7563957783431741441'

const READ: readonly [text: string, value: unknown][] = [
  [`{"a_id":${BIG},"b":${BIG},"c":[${BIG}]}`, { a_id: BIG, b: BIG, c: [BIG] }],
  [`{"ids":[1,"2",${BIG}],"bot_ids":[3],"id":4,"n":5}`, { ids: [1, '2', BIG], bot_ids: ['3'], id: '4', n: 5 }],
  ['{"a":null,"b":{"c":null,"d":1},"e":[null,{"f":null}]}', { b: { d: 1 }, e: [null, {}] }],
  ['{"a":"key: 12345678901234567 ","b":{"c_id":1}}', { a: 'key: 12345678901234567 ', b: { c_id: '1' } }],
  ['{"__proto__":{"x":1},"a":{"__proto__":{"x":1}},"b_id":{"__proto__":1}}', { a: {}, b_id: {} }],
  ['[1,{"file_id":2}]', [1, { file_id: '2' }]],
  ['"text"', 'text'],
  ['1.5', 1.5],
]
test('bodies are read as the SDKs mean them', () => {
  for (const [text, value] of READ) assert.deepEqual(parseJson(text), value, text)
  assert.equal(({} as { x?: unknown }).x, undefined)
})

test('what is no JSON, or is nested too deeply, is refused in words', () => {
  for (const text of ['{', '{"a":1}x', '', '\0', `{"a":${BIG}`])
    assert.throws(() => parseJson(text), { code: 'invalid_argument', message: /not valid JSON/ }, text)
  for (const open of ['[', '{"a":']) {
    const close = open === '[' ? ']' : '}'
    const nest = (levels: number) => open.repeat(levels) + 1 + close.repeat(levels)
    assert.ok(parseJson(nest(200)))
    for (const levels of [500, 200_000])
      assert.throws(() => parseJson(nest(levels)), { code: 'invalid_argument', message: /nested too deeply/ })
  }
})

test('many small values take little longer than to parse them', () => {
  const text = JSON.stringify({ document_ids: Array(500_000).fill(1) })
  const cpuMs = (work: () => unknown) => {
    const start = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000
  }
  assert.ok(cpuMs(() => parseJson(text)) < 10 * cpuMs(() => JSON.parse(text)) + 100)
})
