import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { NotToBeHad } from '../server.ts'

/** Runs a package client or a compiler. What fails makes the server unavailable, with the last line that it said. */
export async function command(
  program: string,
  args: readonly string[],
  { cwd, env, what }: { cwd?: string; env?: NodeJS.ProcessEnv; what: string },
): Promise<string> {
  try {
    const options = { ...(cwd !== undefined && { cwd }), env: { ...process.env, ...env }, maxBuffer: 64e6 }
    return (await promisify(execFile)(program, [...args], options)).stdout
  } catch (err) {
    const { code, stderr, stdout } = err as { code?: unknown; stderr?: string; stdout?: string }
    if (code === 'ENOENT') throw new NotToBeHad(`${what}: ${program} is not installed`)
    const lines = `${stdout ?? ''}\n${stderr ?? ''}`.split('\n').filter((line) => /\S/.test(line))
    const telling = lines.find((line) => /error|forbidden|not found|undefined|cannot/i.test(line)) ?? lines.at(-1) ?? ''
    throw new NotToBeHad(`${what} failed: ${telling.trim().slice(0, 240)}`)
  }
}
