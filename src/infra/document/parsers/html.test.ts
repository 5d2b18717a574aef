import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outline, readBlocks } from '../../../../test-kit/blocks.ts'

const read = async (html: string) => outline((await readBlocks('html', html)).blocks)

test('headings, paragraphs and line breaks are kept, white space is that of a browser', async () => {
  assert.deepEqual(
    await read('<h1>Big\n title</h1>\n<p>One\n  <b>bo</b>ld   word<br>next</p>loose <i>text</i><div>block</div>'),
    ['heading1 Big title', 'text One bold word\nnext', 'text loose text', 'text block'],
  )
  assert.deepEqual(await read('a &amp; b &lt;c&gt; &eacute;&nbsp;&#x4e2d;'), ['text a & b <c> é 中'])
})

test('what is not content is dropped', async () => {
  const html = `<head><style>p{}</style><script>var a = "<p>no</p>"</script></head><body>
    <nav>Home</nav><div role="navigation">Menu</div><div hidden>h</div><p aria-hidden="true">h</p><p style="display: none">h</p>
    <noscript>js</noscript><template><p>t</p></template><svg><title>icon</title><text>s</text></svg><button>Buy</button>
    <form><p>In a form</p></form><article><p>Yes</p><footer>By Ada</footer></article><footer>Imprint</footer><!-- c --></body>`
  assert.deepEqual(await read(html), ['text In a form', 'text Yes', 'text By Ada'])
})

test('the page title is the first heading when there is no other of that rank', async () => {
  assert.deepEqual(await read('<title>Site &amp; more</title><h2>Part</h2><p>x</p>'), [
    'heading1 Site & more',
    'heading2 Part',
    'text x',
  ])
  assert.deepEqual(await read('<title>Site</title><h1>Page</h1><p>x</p>'), ['heading1 Page', 'text x'])
})

test('a paragraph that is marked up as a heading does not become the trail of what follows', async () => {
  const { blocks } = await readBlocks('html', `<h1>Real</h1><h2>${'word '.repeat(100)}</h2><p>x</p>`)
  assert.deepEqual(
    blocks.map((block) => block.kind),
    ['heading', 'text', 'text'],
  )
  assert.deepEqual(blocks.at(-1)?.path, ['Real'])
})

test('lists keep markers and nesting, also with paragraphs inside', async () => {
  assert.deepEqual(
    await read('<ul><li>a<ol start="3"><li>b</li><li>c</li></ol></li><li><p>d</p><p>e</p></li></ul><p>f</p>'),
    ['text - a\n  3. b\n  4. c\n- d\n  e', 'text f'],
  )
})

test('tables become rows: header cells or a likely first row name the columns, spans are filled in', async () => {
  assert.deepEqual(
    await read(
      '<table><tr><th>Name</th><th>Age</th></tr><tr><td rowspan="2">Ada</td><td>36</td></tr><tr><td>37</td></tr></table>',
    ),
    ['row Name: Ada; Age: 36', 'row Name: Ada; Age: 37'],
  )
  assert.deepEqual(await read('<table><tr><td>Grade<td>Pay<td>City<tr><td>A<td>5<td>Rome</table>'), [
    'row Grade: A; Pay: 5; City: Rome',
  ])
  assert.deepEqual(await read('<table><tr><td>Grade</td><td>Pay</td></tr><tr><td>A</td><td>€ 5</td></tr></table>'), [
    'row Grade: A; Pay: € 5',
  ])
  assert.deepEqual(
    await read('<table><tr><td>Phone:</td><td>44</td></tr><tr><td>Room</td><td>east</td></tr></table>'),
    ['row Phone: 44', 'row Room: east'],
  )
  assert.deepEqual(await read('<table><tr><td>Only one cell with text</td></tr></table>'), [
    'text Only one cell with text',
  ])
  assert.deepEqual(
    await read(
      '<table><tr><td>a<ul><li>b</li></ul></td><td><table><tr><td>c</td><td>d</td></tr></table></td></tr></table>',
    ),
    ['text a\n- b: c | d'],
  )
})

test('code keeps its lines and indentation', async () => {
  assert.deepEqual(await read('<pre><code>\n  a\n    <b>b</b></code></pre>'), ['code   a\n    b'])
})

test('the charset of the page is used', async () => {
  const page = Buffer.concat([
    Buffer.from('<meta charset="gb2312"><p>'),
    Buffer.from('c4eabcd9', 'hex'),
    Buffer.from('</p>'),
  ])
  assert.deepEqual(outline((await readBlocks('html', page)).blocks), ['text 年假'])
})

test('hostile markup is refused or harmless', async () => {
  await assert.rejects(read('<div>'.repeat(100_000)), { code: 'resource_exhausted', message: /nested/ })
  assert.deepEqual(await read(`${'</p></b>'.repeat(20_000)}<p>end`), ['text end'])
  assert.equal(
    (await read('<table><tr><td colspan="999999999" rowspan="999999999">x</td></tr><tr><td>y</td></tr></table>'))
      .length,
    2,
  )
  assert.deepEqual(await read('<p>a<script>never closed'), ['text a'])
})
