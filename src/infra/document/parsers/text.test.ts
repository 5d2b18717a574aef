import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBlocks } from '../../../../test-kit/blocks.ts'

const paragraphs = async (text: string) => (await readBlocks('txt', text)).blocks.map((block) => block.text)

test('paragraphs end at one blank line; longer gaps and single newlines stay as they are', async () => {
  assert.deepEqual(await paragraphs('a\nb\n\nc\n\n\nd\n'), ['a\nb', 'c\n\n\nd'])
  assert.deepEqual(await paragraphs('a\r\nb\r\n\r\nc\rd'), ['a\nb', 'c\nd'])
  assert.deepEqual(await paragraphs('a\n \t\nb'), ['a', 'b'])
})

test('PARSE-42 a text of many pieces is read whole, also where a piece ends within a line break or a character', async () => {
  const line = `${'é漢🙂'.repeat(37)} end.`
  for (const gap of ['\n\n', '\r\n\r\n', '\n']) {
    const text = Array.from({ length: 20_000 }, (_, i) => `${i} ${line}`).join(gap)
    const read = (await paragraphs(text)).join('\n\n')
    assert.equal(read.replaceAll('\n\n', '\n'), text.replaceAll('\r', '').replaceAll('\n\n', '\n'))
  }
})

test('a line break is one also when a piece ends within it', async () => {
  const piece = 1024 ** 2
  for (const before of [piece - 1, piece - 2, piece - 3]) {
    const text = `${'x'.repeat(before)}\r\n\r\n${'y'.repeat(100)}\r\nz`
    assert.deepEqual(
      (await paragraphs(text)).map((found) => found.length),
      [before, 102],
    )
  }
})

test('a file without any line break is one block', async () => {
  const [only, ...rest] = await paragraphs('word '.repeat(700_000))
  assert.deepEqual([only?.length, rest.length], [3_499_999, 0])
})
