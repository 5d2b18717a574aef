import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Analyzer } from './analysis.ts'

const WORDS: readonly { text: string; words: string[] }[] = [
  { text: '', words: [] },
  { text: ' …?! 👍 ', words: [] },
  { text: 'The Quick, brown fox.', words: ['the', 'quick', 'brown', 'fox'] },
  { text: 'snake_case foo.bar v1.5.6', words: ['snake', 'case', 'foo', 'bar', 'v1', '5', '6'] },
  { text: 'Cafe\u0301 CAFÉ ﬁn Ⅳ', words: ['café', 'café', 'fin', 'iv'] },
  { text: 'ＦＵＬＬ ½', words: ['full', '1', '2'] },
  { text: 'Привет, мир', words: ['привет', 'мир'] },
  { text: 'مرحبا بالعالم', words: ['مرحبا', 'بالعالم'] },
  { text: 'हिन्दी में', words: ['हिन्दी', 'में'] },
  { text: '한국어 문서', words: ['한국어', '문서'] },
  { text: '我们去北京', words: ['我们', '我', '们', '去', '北京', '北', '京'] },
  { text: '用iPhone拍照', words: ['用', 'iphone', '拍照', '拍', '照'] },
  { text: '食べ物です', words: ['食べ物', '食', '物', 'です'] },
  { text: 'ｽﾏｰﾄﾌｫﾝ', words: ['スマート', 'フォン'] },
  { text: 'ผมชอบกินข้าวผัด', words: ['ผม', 'ชอบ', 'กิน', 'ข้าว', 'ผัด'] },
  { text: '𠮷野家', words: ['𠮷', '野家', '野', '家'] },
]
for (const { text, words } of WORDS) {
  test(`the words of "${text}"`, () => assert.deepEqual(new Analyzer().words(text), words))
}

test('spans point at the words in the original text', () => {
  const text = 'A Cafe\u0301 in 北京大学, กินข้าว: ﬁn!'
  for (const { word, start, end } of new Analyzer().spans(text))
    assert.equal(text.slice(start, end).normalize('NFKC').toLowerCase(), word)
  const places = new Analyzer().spans('去北京').map(({ word, start, end }) => [word, start, end])
  assert.deepEqual(places, [
    ['去', 0, 1],
    ['北京', 1, 3],
    ['北', 1, 2],
    ['京', 2, 3],
  ])
})

test('a word without end is cut, and never inside a character', () => {
  for (const text of ['x'.repeat(10_000), `x${'𝒳'.repeat(5_000)}`, 'é'.repeat(300), `a${'𠮷'.repeat(300)}`]) {
    for (const word of new Analyzer().words(text)) assert.ok(word.length <= 128 && word.isWellFormed())
  }
})
