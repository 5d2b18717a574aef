import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outline, readBlocks } from '../../../../test-kit/blocks.ts'

const read = async (text: string) => outline((await readBlocks('md', text)).blocks)

test('PARSE-13 code is kept, fenced and indented', async () => {
  assert.deepEqual(await read('before\n\n```js\nif (a) {\n  b()\n\n}\n```\n\n    indented <b>\n\nafter'), [
    'text before',
    'code if (a) {\n  b()\n\n}',
    'code indented <b>',
    'text after',
  ])
})

test('PARSE-14 emphasis goes without glueing words or leaving signs', async () => {
  assert.deepEqual(await read('This is **very** *important*, ~~not~~ `x = 1` and un**break**able.'), [
    'text This is very important, not x = 1 and unbreakable.',
  ])
  assert.deepEqual(await read('a \\* b &amp; c &lt;d&gt; 1 < 2 <b>bold</b><br>next'), [
    'text a * b & c <d> 1 < 2 bold\nnext',
  ])
})

test('PARSE-16 PARSE-17 images are never fetched: their alternative text is read', async () => {
  const { blocks, warnings } = await readBlocks('md', 'See ![the plan](http://127.0.0.1:1/secret.png) here.')
  assert.deepEqual([outline(blocks), warnings], [['text See the plan here.'], []])
  const picture = `![chart](data:image/png;base64,${'iVBOR'.repeat(100_000)})`
  assert.deepEqual(await read(`${picture}\n\ntext`), ['text chart', 'text text'])
})

test('links keep their address unless it is in the text or leads nowhere', async () => {
  assert.deepEqual(
    await read('[Portal](https://hr.example/a) [here](#top) <https://x.example> [me@x.example](mailto:me@x.example)'),
    ['text Portal (https://hr.example/a) here https://x.example me@x.example'],
  )
})

test('line breaks, list markers, nesting and boxes are kept', async () => {
  assert.deepEqual(await read('one\ntwo  \nthree'), ['text one\ntwo\nthree'])
  assert.deepEqual(await read('- a\n  1. b\n  2. c\n     more\n- [x] done\n- [ ] open\n\n  second'), [
    'text - a\n  1. b\n  2. c\n    more\n- [x] done\n- [ ] open\n  second',
  ])
  assert.deepEqual(await read('3. three\n4. four'), ['text 3. three\n4. four'])
})

test('tables become rows that name their columns', async () => {
  assert.deepEqual(await read('| Grade | *Pay* |\n|---|---:|\n| A | 50 `EUR` |\n| B | |'), [
    'row Grade: A; Pay: 50 EUR',
    'row Grade: B',
  ])
})

test('headings make the trail, front matter and quotations are read, comments and scripts are not', async () => {
  const { blocks } = await readBlocks(
    'md',
    '---\nowner: HR\n---\n# Book\n\nTitle\n-----\n> quoted *text*\n\n<!-- hidden -->\n\n<script>x()</script>\n\n# Next\nend',
  )
  assert.deepEqual(outline(blocks), [
    'text owner: HR',
    'heading1 Book',
    'heading2 Title',
    'text quoted text',
    'heading1 Next',
    'text end',
  ])
  assert.deepEqual(
    blocks.map((block) => block.path?.join('/')),
    [undefined, 'Book', 'Book/Title', 'Book/Title', 'Next', 'Next'],
  )
})

test('a long book is read in sections without losing any, also with signs of headings in its code', async () => {
  const chapter = (i: number) => `# Chapter ${i}\n\n\`\`\`sh\n# no heading\n\`\`\`\n\n${`Text ${i}. `.repeat(2_000)}`
  const { blocks } = await readBlocks('md', Array.from({ length: 100 }, (_, i) => chapter(i)).join('\n\n'))
  assert.deepEqual([...new Set(blocks.map((block) => block.kind))], ['heading', 'code', 'text'])
  assert.equal(blocks.length, 300)
})

test('nesting without end is refused, an endless paragraph is read as it is', async () => {
  await assert.rejects(read('>'.repeat(100_000)), { code: 'resource_exhausted', message: /nested/ })
  await assert.rejects(read('- '.repeat(100_000)), { code: 'resource_exhausted', message: /nested/ })
  assert.equal((await read('_a'.repeat(500_000)))[0]?.length, 1_000_005)
})
