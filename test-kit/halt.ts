import { globSync, readFileSync } from 'node:fs'

/** How long the system may take to halt the last thread of a process. */
const PATIENCE_MS = 5_000

/** The states of a process's threads: `T` is halted, `Z` has ended. None where the system does not tell. */
function statesOf(pid: number): string[] {
  return globSync(`/proc/${pid}/task/*/stat`).flatMap((file) => {
    try {
      const stat = readFileSync(file, 'latin1')
      return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
    } catch {
      return [] // the thread has just ended
    }
  })
}

/**
 * Halts a process as a machine that hangs does, until SIGCONT. Returns when it is halted: the signal is only on its way
 * when it has been sent, and a thread that still runs may answer one more request.
 */
export function halt(pid: number): void {
  process.kill(pid, 'SIGSTOP')
  const endMs = performance.now() + PATIENCE_MS
  while (statesOf(pid).some((state) => !'TtZX'.includes(state))) {
    if (performance.now() > endMs) throw new Error(`process ${pid} does not halt`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  }
}
