import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { cozepy } from '../../test-kit/cozepy.ts'
import { handbooks, pdfBytes } from '../../test-kit/documents.ts'
import { type SdkWorld, startSdkWorld } from '../../test-kit/sdk.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

const SCRIPTS = fileURLToPath(new URL('./cozepy/', import.meta.url))
/** What the model answers in the chat checks. */
const SCRIPT = [
  { match: 'slow', reply: Array.from({ length: 2_000 }, (_, i) => `word${i}`).join(' ') },
  { match: 'break', reply: 'This goes well for a while', fail: 'unavailable@3' },
  { match: '', reply: 'You said: {{question}}' },
]

const sdk = await cozepy()
const skip = 'missing' in sdk ? sdk.missing : false
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let quoting: SdkWorld
let scripted: SdkWorld

before(async () => {
  if (skip !== false) return
  folder = await temporaryFolder()
  const path = (name: string) => join(folder.path, name)
  await writeFile(path('script.json'), JSON.stringify(SCRIPT))
  await writeFile(path('handbook.pdf'), await pdfBytes(handbooks.en.pages))
  await writeFile(path('handbook.zh.txt'), handbooks.zh.pages.join('\n\n'))
  await writeFile(path('menu.pdf'), await pdfBytes(['Today there is lentil soup.']))
  const questions = [...handbooks.en.questions, ...handbooks.zh.questions]
  await writeFile(path('questions.json'), JSON.stringify(questions))
  const model = `scripted:?delay=3ms&file=${encodeURIComponent(path('script.json'))}`
  ;[quoting, scripted] = await Promise.all([startSdkWorld(), startSdkWorld({ env: { MODEL_URI: model } })])
})
after(async () => {
  await quoting?.[Symbol.asyncDispose]()
  await scripted?.[Symbol.asyncDispose]()
  await folder?.remove()
})

/** Runs one script of checks; resolves with what it printed and how many checks failed. */
function check(name: string, { server, user }: SdkWorld): Promise<{ code: number; output: string }> {
  const env = {
    PATH: process.env.PATH,
    SNUG_URL: server.url,
    SNUG_TOKEN: user.token,
    SNUG_SPACE: user.spaceId,
    SNUG_FILES: folder.path,
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONIOENCODING: 'utf-8',
  }
  const python = 'python' in sdk ? sdk.python : ''
  // The SDK only warns of values that it does not know.
  const args = ['-W', 'error::UserWarning', join(SCRIPTS, `${name}.py`)]
  return new Promise((resolve) => {
    const child = execFile(python, args, { env, timeout: 60_000 }, (_err, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    )
  })
}

describe('the official Python SDK, its models and its checks of them', { skip, concurrency: true }, () => {
  for (const [name, worldOf] of [
    ['knowledge', () => quoting],
    ['agents', () => quoting],
    ['chat', () => scripted],
  ] as const)
    test(name, async () => {
      const { code, output } = await check(name, worldOf())
      assert.equal(code, 0, output)
      assert.match(output, /^\d+ checks, 0 failed/m)
    })
})
