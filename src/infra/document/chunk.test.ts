import assert from 'node:assert/strict'
import { test } from 'node:test'
import { handbooks } from '../../../test-kit/documents.ts'
import { type Block, type ChunkStrategy, chunkDocument } from './document.ts'

type Custom = Omit<Extract<ChunkStrategy, { type: 'custom' }>, 'type'>
const texts = (blocks: readonly Block[], strategy: ChunkStrategy): string[] =>
  chunkDocument({ blocks: [...blocks] }, strategy).map((chunk) => chunk.content)
const custom = (text: string, options: Partial<Custom> = {}): string[] =>
  texts([{ kind: 'text', text }], { type: 'custom', separator: '\\n', maxChars: 1000, ...options })
const points = (text: string): number => [...text].length
const auto = (...blocks: Block[]): string[] => texts(blocks, { type: 'auto' })

test('PARSE-01 ten lines split at newlines are ten chunks, never merged', () => {
  const lines = Array.from({ length: 10 }, (_, i) => `line ${i}`)
  assert.deepEqual(custom(lines.join('\n')), lines)
})

test('PARSE-02 a part longer than the size is filled up: 800, 800, 800, 100', () => {
  assert.deepEqual(custom('x'.repeat(2500), { maxChars: 800 }).map(points), [800, 800, 800, 100])
  const emoji = custom('🙂'.repeat(2500), { maxChars: 800 })
  assert.deepEqual(emoji.map(points), [800, 800, 800, 100], 'sizes are code points')
})

test('PARSE-03 an overlap of 10 percent repeats the last 80 code points', () => {
  const text = Array.from({ length: 2500 }, (_, i) => String.fromCharCode(0x4e00 + i)).join('')
  const [first = '', second = '', third = ''] = custom(text, { maxChars: 800, overlapPercent: 10 })
  assert.equal(second.slice(0, 80), first.slice(-80))
  assert.equal(third.slice(0, 80), second.slice(-80))
  assert.equal(points(second), 800)
})

test('PARSE-04 no chunk only repeats the end of the one before', () => {
  assert.deepEqual(custom('x'.repeat(800), { maxChars: 800, overlapPercent: 10 }).map(points), [800])
  assert.deepEqual(custom('x'.repeat(1520), { maxChars: 800, overlapPercent: 10 }).map(points), [800, 800])
})

test('PARSE-05 an empty separator does not split', () => {
  assert.deepEqual(custom('a\nb\n\nc', { separator: '' }), ['a\nb\n\nc'])
})

test('PARSE-06 characters made of several code units or points stay whole', () => {
  const family = '👨‍👩‍👧‍👦'
  const accent = 'é'
  const flag = '🇵🇹'
  for (const unit of [family, accent, flag, '한']) {
    const chunks = custom(unit.repeat(50), { separator: '', maxChars: 10 })
    for (const chunk of chunks) {
      assert.ok(chunk.isWellFormed())
      assert.equal(chunk.length % unit.length, 0, `${unit} was cut in ${JSON.stringify(chunk)}`)
    }
    assert.equal(chunks.join(''), unit.repeat(50))
  }
  const zalgo = `a${'\u0301'.repeat(500)}`
  assert.equal(custom(zalgo, { separator: '', maxChars: 100 }).join(''), zalgo, 'unless it is longer than a chunk')
})

test('PARSE-07 addresses are removed when asked, and only they', () => {
  const text = 'See https://example.com/a?b=1, or www.example.org. Write to jane.doe+x@mail.example.com; not @jane.'
  const kept = 'See , or . Write to ; not @jane.'
  assert.deepEqual(custom(text, { removeUrlsEmails: true }), [kept])
  assert.deepEqual(custom('访问https://例子.中国/路径，谢谢', { removeUrlsEmails: true }), ['访问，谢谢'])
  assert.deepEqual(custom(text), [text])
})

test('PARSE-08 white space is collapsed only when asked', () => {
  assert.deepEqual(custom('a  b\tc\n d', { separator: '' }), ['a  b\tc\n d'])
  assert.deepEqual(custom(' a  b\tc\n d ', { separator: '', removeExtraSpaces: true }), ['a b c d'])
})

test('PARSE-09 values out of range are refused with the name of the field', () => {
  const BAD: [ChunkStrategy, RegExp][] = [
    [{ type: 'custom', separator: '', maxChars: 800, overlapPercent: 95 }, /overlapPercent/],
    [{ type: 'custom', separator: '', maxChars: 800, overlapPercent: -1 }, /overlapPercent/],
    [{ type: 'custom', separator: '', maxChars: 0 }, /maxChars/],
    [{ type: 'custom', separator: '', maxChars: 10_001 }, /maxChars/],
    [{ type: 'custom', separator: '', maxChars: 1.5 }, /maxChars/],
    [{ type: 'custom', separator: 'x'.repeat(101), maxChars: 10 }, /separator/],
    [{ type: 'heading', maxDepth: 0, saveTitle: true }, /maxDepth/],
    [{ type: 'heading', maxDepth: 7, saveTitle: true }, /maxDepth/],
    [{ type: 'heading', maxDepth: 1, saveTitle: true, maxChars: Number.NaN }, /maxChars/],
  ]
  for (const [strategy, message] of BAD)
    assert.throws(() => chunkDocument({ blocks: [] }, strategy), { code: 'invalid_argument', message })
})

test('PARSE-10 no blocks are no chunks', () => {
  for (const strategy of [{ type: 'auto' }, { type: 'row' }] as const) assert.deepEqual(texts([], strategy), [])
  assert.deepEqual(texts([], { type: 'heading', maxDepth: 1, saveTitle: true }), [])
  assert.deepEqual(texts([{ kind: 'text', text: ' \n ' }], { type: 'auto' }), [])
})

test('a separator is literal, with \\n, \\t and \\\\ as escapes, and may stand across blocks', () => {
  assert.deepEqual(custom('a.*b.*c', { separator: '.*' }), ['a', 'b', 'c'])
  assert.deepEqual(custom('a\tb', { separator: '\\t' }), ['a', 'b'])
  assert.deepEqual(custom('a\\nb\nc', { separator: '\\\\n' }), ['a', 'b\nc'])
  const blocks: Block[] = [
    { kind: 'text', text: 'a' },
    { kind: 'text', text: 'b' },
  ]
  assert.deepEqual(texts(blocks, { type: 'custom', separator: '\\n\\n', maxChars: 100 }), ['a', 'b'])
  assert.deepEqual(texts(blocks, { type: 'custom', separator: '###', maxChars: 100 }), ['a\n\nb'])
})

test('a custom cut spares words where that costs little', () => {
  const chunks = custom('one two three four five six seven', { separator: '', maxChars: 30 })
  assert.deepEqual(chunks, ['one two three four five six', 'seven'])
})

test('custom chunks know their page and headings', () => {
  const blocks: Block[] = [
    { kind: 'text', text: 'x'.repeat(15), page: 1, path: ['A'] },
    { kind: 'text', text: 'y'.repeat(15), page: 2, path: ['A', 'B'] },
  ]
  const chunks = chunkDocument({ blocks }, { type: 'custom', separator: '', maxChars: 10 })
  assert.deepEqual(
    chunks.map((chunk) => chunk.page),
    [1, 1, 2, 2],
  )
  assert.deepEqual(chunks.at(-1)?.path, ['A', 'B'])
})

test('automatic chunks pack paragraphs and break between them', () => {
  const paragraph = (letter: string): Block => ({ kind: 'text', text: letter.repeat(300) })
  const chunks = auto(paragraph('a'), paragraph('b'), paragraph('c'), paragraph('d'))
  assert.deepEqual(
    chunks.map((chunk) => chunk.replace(/(.)\1+/g, '$1')),
    ['a\n\nb', 'c\n\nd'],
  )
})

test('automatic chunks break at the ends of sentences and repeat the last one', () => {
  const text = Array.from({ length: 30 }, (_, i) => `Sentence ${i} is about Dr. Who, e.g. his box.`).join(' ')
  const chunks = auto({ kind: 'text', text })
  assert.ok(chunks.length > 1)
  for (const [i, chunk] of chunks.entries()) {
    assert.match(chunk, /^Sentence \d+ is.* box\.$/)
    assert.ok(points(chunk) <= 800)
    const last = chunks[i - 1]?.match(/Sentence \d+ [^S]*$/)?.[0] ?? ''
    assert.ok(chunk.includes(last), `chunk ${i} does not repeat "${last}"`)
  }
})

test('automatic chunks break at the ends of Chinese sentences', () => {
  const sentences = Array.from({ length: 60 }, (_, i) => `第${i}条规定员工“每年”享有若干天的带薪年假${'。！？'[i % 3]}`)
  const chunks = auto({ kind: 'text', text: sentences.join('') })
  assert.ok(chunks.length > 1)
  for (const chunk of chunks) assert.match(chunk, /^第\d+条.*[。！？]$/)
})

test('a sentence longer than a chunk is cut at clauses or between words', () => {
  const chunks = auto({ kind: 'text', text: 'alpha beta gamma, '.repeat(200) })
  for (const chunk of chunks) assert.match(chunk, /^alpha.*(gamma,|beta|alpha)$/)
  for (const chunk of auto({ kind: 'text', text: 'word '.repeat(1000) })) assert.match(chunk, /^(word ?)+$/)
})

test('a heading starts a chunk, stays with its text, and small sections share one', () => {
  const section = (title: string, text: string): Block[] => [
    { kind: 'heading', text: title, level: 2, path: ['Book', title] },
    { kind: 'text', text, path: ['Book', title] },
  ]
  const long = 'This is a sentence. '.repeat(30).trim()
  const chunks = chunkDocument(
    { blocks: [...section('One', long), ...section('Two', 'Short.'), ...section('Three', 'Brief.')] },
    { type: 'auto' },
  )
  assert.deepEqual(
    chunks.map((chunk) => chunk.content.slice(0, 9)),
    ['One\nThis ', 'Two\nShort'],
  )
  assert.deepEqual(
    chunks.map((chunk) => chunk.path),
    [['Book', 'One'], ['Book']],
  )
  assert.equal(chunks[1]?.content, 'Two\nShort.\n\nThree\nBrief.')
})

test('a small section does not share a chunk with the next chapter', () => {
  const chunks = auto(
    { kind: 'heading', text: 'Leave', level: 1 },
    { kind: 'text', text: 'x'.repeat(300) },
    { kind: 'heading', text: 'Volunteers', level: 2 },
    { kind: 'text', text: 'Two days.' },
    { kind: 'heading', text: 'Travel', level: 1 },
    { kind: 'text', text: 'By train.' },
  )
  assert.deepEqual(chunks.slice(1), ['Volunteers\nTwo days.', 'Travel\nBy train.'])
})

test('no chunk ends with a heading', () => {
  const chunks = auto(
    { kind: 'text', text: 'x'.repeat(150) },
    { kind: 'heading', text: 'Title', level: 1 },
    { kind: 'code', text: 'y'.repeat(700) },
  )
  assert.deepEqual(
    chunks.map((chunk) => chunk.slice(0, 5)),
    ['xxxxx', 'Title'],
  )
})

test('rows are packed in automatic mode and apart in row mode', () => {
  const rows: Block[] = Array.from({ length: 40 }, (_, i) => ({ kind: 'row', text: `Name: Ada ${i}; Age: ${i}` }))
  const packed = chunkDocument({ blocks: rows }, { type: 'auto' })
  assert.deepEqual([...new Set(packed.map((chunk) => chunk.kind))], ['row'])
  assert.equal(packed.map((chunk) => chunk.content).join('\n'), rows.map((row) => row.text).join('\n'))
  assert.deepEqual(
    texts(rows, { type: 'row' }),
    rows.map((row) => row.text),
  )
  assert.deepEqual(
    texts(rows, { type: 'custom', separator: ';', maxChars: 800 }),
    rows.map((row) => row.text),
  )
})

test('a row is one chunk however long; the name of its sheet is only in its path', () => {
  const path = ['Sheet']
  const blocks: Block[] = [
    { kind: 'heading', text: 'Sheet', level: 1, path },
    { kind: 'row', text: `Question: why?\nAnswer: ${'Because. '.repeat(300).trim()}`, path },
    { kind: 'text', text: 'Note.', path },
    { kind: 'row', text: 'Question: how?', path },
  ]
  const chunks = chunkDocument({ blocks }, { type: 'row' })
  assert.deepEqual(
    chunks.map((chunk) => chunk.content),
    blocks.slice(1).map((block) => block.text),
  )
  assert.deepEqual(chunks[0], { content: blocks[1]?.text, kind: 'row', path })
})

test('code keeps its indentation and is cut between lines', () => {
  const code = Array.from({ length: 60 }, (_, i) => `  call(${i}) // with some words behind it`).join('\n')
  const chunks = chunkDocument({ blocks: [{ kind: 'code', text: code }] }, { type: 'auto' })
  assert.equal(chunks.map((chunk) => chunk.content).join('\n'), code)
  assert.deepEqual([...new Set(chunks.map((chunk) => chunk.kind))], ['code'])
})

const BOOK: Block[] = [
  { kind: 'text', text: 'Preface.' },
  { kind: 'heading', text: 'One', level: 1, path: ['One'] },
  { kind: 'heading', text: 'Small', level: 2, path: ['One', 'Small'] },
  { kind: 'text', text: 'Text of small.', path: ['One', 'Small'] },
  { kind: 'heading', text: 'Deep', level: 3, path: ['One', 'Small', 'Deep'] },
  { kind: 'text', text: 'Text of deep.', path: ['One', 'Small', 'Deep'] },
  { kind: 'heading', text: 'Two', level: 1, path: ['Two'] },
  { kind: 'text', text: 'w'.repeat(90), path: ['Two'] },
  { kind: 'heading', text: 'Three', level: 1, path: ['Three'] },
]

test('PARSE-37 by heading: depth 2 with titles, deeper headings in the text, long sections cut', () => {
  assert.deepEqual(texts(BOOK, { type: 'heading', maxDepth: 2, saveTitle: true, maxChars: 60 }), [
    'Preface.',
    'One > Small\nText of small.\n\nDeep\nText of deep.',
    `Two\n${'w'.repeat(56)}`,
    `Two\n${'w'.repeat(34)}`,
    'Three',
  ])
  assert.deepEqual(texts(BOOK, { type: 'heading', maxDepth: 1, saveTitle: false }), [
    'Preface.',
    'Small\nText of small.\n\nDeep\nText of deep.',
    'w'.repeat(90),
  ])
  const paths = chunkDocument({ blocks: BOOK }, { type: 'heading', maxDepth: 2, saveTitle: false }).map((c) => c.path)
  assert.deepEqual(paths, [undefined, ['One', 'Small'], ['Two']])
})

/** A small deterministic generator, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state % below
  }
}

const ALPHABET = ['a', 'b ', 'word ', 'é', '。', '. ', '\n', '漢字', '🙂', '👨‍👩‍👧', ', ', '\t', '한', '!?', ' ', '-']
const KINDS = ['text', 'text', 'text', 'heading', 'code', 'row'] as const

function randomBlocks(seed: number): Block[] {
  const next = random(seed)
  const blocks: Block[] = []
  for (let count = next(12); count >= 0; count--) {
    const kind = KINDS[next(KINDS.length)] ?? 'text'
    const length = kind === 'heading' ? 1 + next(8) : 1 + next(next(4) === 0 ? 1500 : 60)
    // Long words of random letters make each place of the text findable.
    const unit = () =>
      next(3) > 0
        ? ALPHABET[next(ALPHABET.length)]
        : Array.from({ length: next(50) }, () => next(36).toString(36)).join('')
    const text = Array.from({ length }, unit).join('').trim()
    if (text !== '') blocks.push({ kind, text, ...(kind === 'heading' ? { level: 1 + next(4) } : {}) })
  }
  return blocks
}

const bare = (text: string): string => text.replace(/\s+/g, '')

test('property: without overlap the chunks are the whole text in its order, within the size', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const blocks = randomBlocks(seed)
    const whole = bare(blocks.map((block) => block.text).join(''))
    const maxChars = 1 + random(seed)(200)
    const strategies: [ChunkStrategy, number][] = [
      [{ type: 'custom', separator: '', maxChars }, maxChars],
      [{ type: 'heading', maxDepth: 6, saveTitle: false, maxChars }, maxChars],
    ]
    for (const [strategy, size] of strategies) {
      const chunks = chunkDocument({ blocks }, strategy)
      const body = strategy.type === 'heading' ? blocks.filter((block) => block.kind !== 'heading') : blocks
      const expected = strategy.type === 'heading' ? bare(body.map((block) => block.text).join('')) : whole
      assert.equal(bare(chunks.map((chunk) => chunk.content).join('')), expected, `seed ${seed} ${strategy.type}`)
      for (const { content } of chunks) {
        assert.ok(points(content) <= size, `seed ${seed} ${strategy.type}: ${points(content)} > ${size}`)
        assert.ok(content.trim() !== '' && content.isWellFormed())
      }
    }
  }
})

test('property: with overlap each chunk goes on where the one before ended, and nothing is lost', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const blocks = randomBlocks(seed)
    const whole = bare(blocks.map((block) => block.text).join(''))
    const maxChars = 10 + random(seed)(300)
    const overlapPercent = random(seed + 1)(91)
    for (const strategy of [{ type: 'auto' }, { type: 'custom', separator: '', maxChars, overlapPercent }] as const) {
      let covered = 0
      for (const { content } of chunkDocument({ blocks }, strategy)) {
        const text = bare(content)
        assert.ok(points(content) <= (strategy.type === 'auto' ? 800 : maxChars))
        const at = whole.lastIndexOf(text, covered)
        assert.ok(at >= 0, `seed ${seed} ${strategy.type}: a gap before ${text.slice(0, 20)}`)
        assert.ok(at + text.length > covered, `seed ${seed} ${strategy.type}: only repeats ${text.slice(0, 20)}`)
        covered = at + text.length
      }
      assert.equal(covered, whole.length, `seed ${seed} ${strategy.type}`)
    }
  }
})

test('PARSE-43 the same document gives the same chunks', () => {
  const blocks: Block[] = handbooks.en.pages.map((text, i) => ({ kind: 'text', text, page: i + 1 }))
  for (const strategy of [{ type: 'auto' }, { type: 'custom', separator: '.', maxChars: 50 }] as const)
    assert.deepEqual(chunkDocument({ blocks }, strategy), chunkDocument({ blocks }, strategy))
})

test('text that is built to be slow is cut in time proportional to its length', () => {
  const HOSTILE = ['x', ' ', 'x ', '。', '\u0301', 'a.b@', 'www.', ',', '\n', '🇵']
  const startedMs = performance.now()
  for (const unit of HOSTILE) {
    const blocks: Block[] = [{ kind: 'text', text: `x${unit.repeat(400_000)}y` }]
    chunkDocument({ blocks }, { type: 'auto' })
    const rough = { type: 'custom', separator: '\\n', maxChars: 100, overlapPercent: 90 } as const
    chunkDocument({ blocks }, { ...rough, removeExtraSpaces: true, removeUrlsEmails: true })
  }
  assert.ok(performance.now() - startedMs < 30_000, 'a quadratic step would take minutes')
})
