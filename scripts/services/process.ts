import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account, Command } from './server.ts'
import type { OwnedProcess } from './state.ts'

/** When a process started and what it was called with; `undefined` when there is none. */
function look(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name stands in brackets and may hold anything; the fields behind it begin with the state.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    if (process.platform === 'linux') return undefined
  }
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout?.trim() || undefined
}

/** Whether this very process still runs: a later one with the same number started at another time. */
export const runs = ({ pid, started }: OwnedProcess): boolean => look(pid) === started

/** Starts a process that outlives this one; what it prints is added to the log. */
export async function launch(command: Command, log: string, cwd: string, account?: Account): Promise<OwnedProcess> {
  const out = openSync(log, 'a')
  const child = spawn(command.program, [...command.args], {
    detached: true,
    cwd,
    stdio: ['ignore', out, out],
    env: { ...process.env, ...command.env },
    ...account,
  })
  await once(child, 'spawn')
  child.unref()
  const pid = child.pid ?? 0
  return { pid, started: look(pid) ?? 'ended', program: command.program }
}

/** Asks a process to end, waits, and ends it by force after `graceMs`. Nothing happens to a process that is not ours. */
export async function end(owned: OwnedProcess, signal: NodeJS.Signals, graceMs = 20_000): Promise<void> {
  const send = (what: NodeJS.Signals) => {
    try {
      if (runs(owned)) process.kill(owned.pid, what)
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'ESRCH') throw err
    }
  }
  send(signal)
  const until = Date.now() + graceMs
  while (runs(owned)) {
    if (Date.now() > until) send('SIGKILL')
    await sleep(50)
  }
}
