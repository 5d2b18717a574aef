import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const SNUG = fileURLToPath(new URL('../snug', import.meta.url))

export type CliResult = { code: number | NodeJS.Signals; stdout: string; stderr: string }

/** Runs `snug` with these words, as a process of its own, to its end. */
export async function runSnug(
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>>; stdin?: string; killAfterMs?: number } = {},
): Promise<CliResult> {
  const child = spawn(SNUG, [...args], {
    cwd: options.cwd,
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const timer =
    options.killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGINT'), options.killAfterMs)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes))
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes))
  child.stdin.end(options.stdin ?? '')
  const [code, signal] = await once(child, 'close')
  clearTimeout(timer)
  return { code: code ?? signal, stdout, stderr }
}
