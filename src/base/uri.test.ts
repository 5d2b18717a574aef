import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { AppError } from './errors.ts'
import { maskUri, parseParams, parseUri, pickScheme } from './uri.ts'

test('file schemes keep a path, relative or absolute', () => {
  assert.equal(parseUri('sqlite://./var/app.db').path, './var/app.db')
  assert.equal(parseUri('sqlite:app.db').path, 'app.db')
  assert.equal(parseUri('file:///abs/dir').path, '/abs/dir')
  assert.equal(parseUri('duckdb://a%20b%3F.db').path, 'a b?.db')
  assert.equal(parseUri('sqlite://:memory:').path, ':memory:')
})

test('network schemes keep user, hosts, path and parameters', () => {
  const uri = parseUri('es://u%40x:p%3Aw@h1:9200,h2?version=v8&x-note=1')
  assert.equal(uri.user, 'u@x')
  assert.equal(uri.password, 'p:w')
  assert.deepEqual(uri.hosts, [{ host: 'h1', port: 9200 }, { host: 'h2' }])
  assert.equal(uri.params.get('version'), 'v8')
  assert.deepEqual(parseUri('redis://[::1]:6379/0').hosts, [{ host: '[::1]', port: 6379 }])
  assert.deepEqual(parseUri('mem://').hosts, [])
  assert.equal(parseUri('extractive:').scheme, 'extractive')
})

for (const text of [
  '',
  'nothing',
  '://x',
  'Redis://h',
  'redis://h#f',
  'file://a%00b',
  'file://a%zz',
  'redis://h:99999',
  'mem://?a=1&a=2',
]) {
  test(`"${text}" is refused without being repeated`, () => {
    assert.throws(
      () => parseUri(text),
      (err: unknown) => {
        assert.ok(err instanceof AppError)
        assert.equal(err.code, 'invalid_argument')
        return true
      },
    )
  })
}

test('secrets never reach a log line', () => {
  assert.equal(maskUri('mysql://u:hunter2@h/db'), 'mysql://u:***@h/db')
  assert.equal(maskUri('redis://hunter2@h'), 'redis://***@h')
  assert.equal(maskUri('s3://b?ak=A&sk=hunter2&region=x'), 's3://b?ak=***&sk=***&region=x')
  assert.equal(maskUri('openai://h/v1?api_key=hunter2&model=m'), 'openai://h/v1?api_key=***&model=m')
  assert.equal(maskUri('mysql://u:a?hunter2@h'), 'mysql://u:***@h')
})

test('an unknown parameter names itself and the known ones', () => {
  const schema = z.strictObject({ sync: z.enum(['normal', 'full']).default('normal') })
  assert.deepEqual(parseParams(parseUri('sqlite:a?sync=full&x-y=1'), schema), { sync: 'full' })
  assert.throws(() => parseParams(parseUri('sqlite:a?sink=full'), schema), /no parameter "sink"; known: sync/)
  assert.throws(
    () => parseParams(parseUri('sqlite:a?sync=hunter2'), schema),
    (err: unknown) => {
      assert.ok(err instanceof Error)
      assert.match(err.message, /"sync"/)
      assert.doesNotMatch(err.message, /hunter2/)
      return true
    },
  )
})

test('an unknown scheme names the available ones', () => {
  assert.throws(() => pickScheme(parseUri('redis://h'), { badger: 1 }, 'KV_URI'), /KV_URI: .*"redis:".*badger:/)
})
