import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { AppError, type ErrorCode } from '../src/base/errors.ts'

/** Whether an error has one of the codes. Fits `assert.rejects`. */
export const hasCode =
  (...codes: ErrorCode[]) =>
  (err: unknown): boolean =>
    err instanceof AppError && codes.includes(err.code)

/** Starts another process with a consumer of group `a`; resolves with the id of the first message that it holds. */
export async function startMember(uri: string, topic: string): Promise<{ holds: string; kill(): Promise<void> }> {
  const script = fileURLToPath(new URL('mq-member/run.ts', import.meta.url))
  const child = spawn(process.execPath, [script, uri, topic], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  const first = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)])
  if (first === undefined) assert.fail('the member has ended before its first message')
  return { holds: String(first[0]).split('\n')[0] ?? '', kill }
}
