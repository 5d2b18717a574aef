import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { configMarkdown, dockerEnvExample, envExample } from '../src/config/doc.ts'
import { openApiText } from '../test-kit/openapi.ts'

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

test('docs/config.md, .env.example and docker/.env.example are what "make docs" writes', () => {
  for (const [name, text] of [
    ['docs/config.md', configMarkdown()],
    ['.env.example', envExample()],
    ['docker/.env.example', dockerEnvExample()],
  ] as const)
    assert.ok(read(name) === text, `${name} is out of date: run "make docs"`)
})

test('openapi.json is what "make openapi" writes', async () => {
  assert.ok(read('openapi.json') === (await openApiText()), 'openapi.json is out of date: run "make openapi"')
})
