import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NativeFailure, NativeRefusal, PostgresEngine } from './engine.ts'

/** Far deeper than the limits let through: the stack of the module is used up while the tree is written out. */
const DEEP = `SELECT ${'1+'.repeat(100_000)}1`

test('a statement that breaks the parser off costs that statement only', async () => {
  const engine = await PostgresEngine.open()
  for (let round = 1; round <= 3; round += 1) {
    assert.throws(() => engine.parse(DEEP), NativeFailure)
    assert.equal(engine.replaced, round)
    assert.equal(engine.parse('SELECT a FROM t').stmts?.length, 1)
    await engine.prepare()
  }
})

test('what broken instances held is given back', async () => {
  const engine = await PostgresEngine.open()
  const first = engine.heapBytes
  for (let round = 0; round < 10; round += 1) {
    assert.throws(() => engine.parse(DEEP), NativeFailure)
    await engine.prepare()
  }
  assert.equal(engine.heapBytes, first)
})

test('when two instances break at once the parser says so, and comes back by itself', async () => {
  const engine = await PostgresEngine.open()
  for (let round = 0; round < 2; round += 1) assert.throws(() => engine.parse(DEEP), NativeFailure)
  assert.throws(() => engine.parse('SELECT 1'), { code: 'unavailable' })
  await engine.prepare()
  assert.equal(engine.parse('SELECT 1').stmts?.length, 1)
})

test('a statement that is wrong breaks nothing', async () => {
  const engine = await PostgresEngine.open()
  assert.throws(
    () => engine.parse('SELECT é FROM FROM t'),
    (err) => err instanceof NativeRefusal && err.position === 14,
  )
  assert.throws(() => engine.parse(`SELECT ${'('.repeat(50_000)}1`), NativeRefusal)
  assert.equal(engine.replaced, 0)
})
