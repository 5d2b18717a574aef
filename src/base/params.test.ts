import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { durationParam, sizeParam } from './params.ts'
import { parseParams, parseUri } from './uri.ts'

const Params = z.strictObject({ wait: durationParam.default(5_000), cache: sizeParam.default(0) })
const parse = (query: string) => parseParams(parseUri(`sqlite://x?${query}`), Params)

test('durations and sizes are read with their units, defaults are plain numbers', () => {
  assert.deepEqual(parse('wait=2s&cache=1kb'), { wait: 2_000, cache: 1_024 })
  assert.deepEqual(parse(''), { wait: 5_000, cache: 0 })
})

test('a bad one is named and explained, its value is not repeated', () => {
  for (const [query, says] of [
    ['wait=hunter2', /parameter "wait": a duration is a number with a unit/],
    ['cache=-1mb', /parameter "cache": a size is/],
  ] as const)
    assert.throws(
      () => parse(query),
      (err: Error) => says.test(err.message) && !err.message.includes('hunter2'),
    )
})
