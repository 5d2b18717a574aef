import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBlocks } from '../../../test-kit/blocks.ts'
import { decodeText, detectEncoding } from './encoding.ts'

const CHINESE = '员工每年享有十五天带薪年假，请提前两周申请。'
/** The same sentence in GB18030; Node cannot write that encoding. */
const GB18030 = Buffer.from(
  'd4b1b9a4c3bfc4eacfedd3d0caaecee5ccecb4f8d0bdc4eabcd9a3acc7ebcce1c7b0c1bdd6dcc9eac7eba1a3',
  'hex',
)
const decode = (bytes: Uint8Array, declared?: string): string => decodeText(bytes, () => undefined, declared)

test('PARSE-11 GB18030 text without any mark is read', async () => {
  assert.equal(detectEncoding(GB18030).encoding, 'gb18030')
  const mixed = Buffer.concat([Buffer.from('HR manual, chapter 3: '), GB18030])
  assert.equal(decode(mixed), `HR manual, chapter 3: ${CHINESE}`)
  const { blocks, warnings } = await readBlocks('txt', GB18030)
  assert.equal(blocks[0]?.text, CHINESE)
  assert.match(warnings.join(), /gb18030/)
})

test('UTF-8 and UTF-16 are read with and without their marks', () => {
  const wide = Buffer.from(`${CHINESE} abc\n`.repeat(20), 'utf16le')
  const big = Buffer.from(wide).swap16()
  for (const bytes of [
    wide,
    big,
    Buffer.concat([Buffer.of(0xff, 0xfe), wide]),
    Buffer.concat([Buffer.of(0xfe, 0xff), big]),
  ])
    assert.equal(decode(bytes), `${CHINESE} abc\n`.repeat(20))
  assert.equal(decode(Buffer.from(`\ufeff${CHINESE}`)), CHINESE)
  assert.equal(decode(Buffer.from(CHINESE)), CHINESE)
})

test('accented Latin letters are not taken for Chinese', () => {
  const text = 'Le café de la gare est fermé à midi; déjeuner à l’hôtel.'
  const windows = Buffer.from(text.replace('’', '\u0092'), 'latin1')
  assert.equal(detectEncoding(windows).encoding, 'windows-1252')
  assert.equal(decode(windows), text)
})

test('a few damaged bytes do not turn UTF-8 into something else', () => {
  const bytes = Buffer.concat([Buffer.from(CHINESE.repeat(5)), Buffer.of(0xe5, 0x91)])
  assert.deepEqual(detectEncoding(bytes), { encoding: 'utf-8', guessed: true })
})

test('a charset that the file states is believed, an unknown one is not', () => {
  const japanese = Buffer.from('93fa967b8cea', 'hex')
  assert.equal(decode(japanese, 'shift_jis'), '日本語')
  assert.doesNotThrow(() => decode(japanese, 'no-such-charset'))
})

test('bytes that are not text are refused', () => {
  const noise = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256))
  assert.throws(() => detectEncoding(noise), { code: 'corrupt' })
})

test('text that is stored is well-formed and has no NUL', async () => {
  const { blocks } = await readBlocks('txt', 'a\u0000b\u00a0c\ufeffd\r\ne\u2028f')
  assert.equal(blocks[0]?.text, 'ab cd\ne\nf')
  const json = await readBlocks('json', '{"a":"\\ud800x\\u0000"}')
  assert.equal(json.blocks[0]?.text, 'a: \ufffdx')
})
