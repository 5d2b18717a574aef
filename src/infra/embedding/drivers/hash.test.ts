import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runConformance } from '../../../../test-kit/conformance.ts'
import { AppError } from '../../../base/errors.ts'
import { embeddingCases } from '../conformance.ts'
import { openEmbedding } from '../open.ts'
import { hasher } from './hash.ts'

runConformance('hash:', embeddingCases, {
  open: async () => {
    const embedding = await openEmbedding('hash:?dims=256')
    return { harness: { embedding }, close: () => embedding.close() }
  },
})

async function similarity(a: string, b: string, dims = 256): Promise<number> {
  const embedding = await openEmbedding(`hash:?dims=${dims}`)
  const [x, y] = await embedding.embed([a, b])
  assert.ok(x && y)
  return x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0)
}

test('EMB-24 vectors stay what they were', () => {
  // Stored vectors must stay comparable, so this fixture only changes together with the name in the id.
  const vector = hasher(16)('Snug 保修期 ประกัน 2026')
  const hundredths = Array.from(vector, (value) => Math.round(value * 100) + 0)
  assert.deepEqual(hundredths, [-130, 0, 65, -30, -90, -40, 0, 95, -295, -125, 60, 5, 25, 25, 50, 90])
})

test('texts that share words or their parts are nearer than strangers', async () => {
  const table: [query: string, near: string, far: string][] = [
    ['How long does the warranty last?', 'The warranty lasts 24 months.', 'Shipping is free. How long do you do it?'],
    ['return policy', 'Our policy for returned items', 'The office is in Basel'],
    ['保修期多长？', '保修期为24个月，自购买之日起计算。', '运费为15元，满200元免运费。'],
    ['保証期間は？', '保証期間は購入日から24か月です。', '送料は500円です。'],
    ['รับประกันกี่เดือน', 'สินค้ารับประกัน 24 เดือน', 'ค่าจัดส่ง 50 บาท'],
    ['보증 기간', '제품의 보증기간은 24개월입니다', '배송비는 무료입니다'],
    ['Straßenbahn', 'Die Straßenbahnen fahren bis Mitternacht', 'Der Kessel wiegt ein Kilo'],
  ]
  for (const [query, near, far] of table)
    assert.ok((await similarity(query, near)) > (await similarity(query, far)) + 0.05, query)
})

test('case, width and punctuation make no difference', async () => {
  assert.ok((await similarity('The Warranty: lasts!', 'the warranty lasts')) > 0.999)
  assert.ok((await similarity('ＡＢＣ１２３', 'abc123')) > 0.999)
})

test('a word that comes often counts less than its number', async () => {
  const once = await similarity('kettle lid steel', 'kettle lid steel handle')
  assert.ok((await similarity('kettle '.repeat(50).concat('lid steel handle'), 'kettle lid steel handle')) > once / 2)
})

test('it names itself lexical, not semantic', async () => {
  const embedding = await openEmbedding('hash:')
  assert.equal(embedding.id, 'hash:256')
  assert.ok(!embedding.features.has('semantic'))
  assert.equal((await embedding.health()).checks.semantic, false)
})

test('long runs of texts leave turns to others', async () => {
  const embedding = await openEmbedding('hash:')
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  await embedding.embed(Array.from({ length: 2_000 }, (_, i) => `${i} `.repeat(200)))
  clearInterval(timer)
  assert.ok(turns > 3, `${turns} turns`)
})

test('URIs are checked', async () => {
  for (const uri of ['hash:', 'hash:?dims=16', 'hash:?dims=8192']) await (await openEmbedding(uri)).close()
  const bad = ['hash:?dims=0', 'hash:?dims=many', 'hash:?dim=256', 'hash:somewhere', 'hash://me:hunter2@host', 'hsh:']
  for (const uri of bad)
    await assert.rejects(
      openEmbedding(uri),
      (err: unknown) => err instanceof AppError && err.code === 'invalid_argument' && !err.message.includes('hunter2'),
    )
})
