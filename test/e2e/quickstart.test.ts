import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { registerUser } from '../../test-kit/account.ts'
import { startServer, type TestServer } from '../../test-kit/server.ts'

const run = promisify(execFile)
const example = (name: string) => fileURLToPath(new URL(`../../examples/quickstart/${name}`, import.meta.url))

let server: TestServer
let env: Record<string, string | undefined>
before(async () => {
  server = await startServer()
  env = { PATH: process.env.PATH, SNUG_URL: server.url, SNUG_TOKEN: (await registerUser(server.url)).token }
})
after(() => server[Symbol.asyncDispose]())

test('the quick start by curl streams a sourced answer', async () => {
  const { stdout } = await run(example('quickstart.sh'), { env })
  assert.match(stdout, /knowledge_recall/)
  assert.match(stdout, /cooled for ninety minutes/)
  assert.match(stdout, /event:done\ndata:"\[DONE\]"\n\n$/)
})

test('the quick start by the JavaScript SDK answers', async () => {
  const { stdout } = await run(process.execPath, [example('quickstart.ts')], { env })
  assert.match(stdout, /Wednesdays and Saturdays/)
})
