import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { configMarkdown, envExample } from '../src/config/doc.ts'
import { openApiText } from '../test-kit/openapi.ts'

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

test('docs/config.md and .env.example are what "make docs" writes', () => {
  assert.equal(read('docs/config.md'), configMarkdown())
  assert.equal(read('.env.example'), envExample())
})

test('openapi.json is what "make openapi" writes', async () => {
  assert.equal(read('openapi.json'), await openApiText())
})
