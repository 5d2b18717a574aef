import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from '../../test-kit/server.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'
import { percentile, type Scenario } from '../report.ts'

const RUNS = 7

/** Resident memory of a process, in MiB. */
export function residentMiB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1]) / 1024
}

/** From the process's start to the line that says it is ready, on data that exists; then memory at rest. */
export const start: Scenario = {
  name: 'start',
  run: async (log) => {
    await using folder = await temporaryFolder()
    const times: number[] = []
    let memoryMiB = Number.NaN
    for (let i = 0; i <= RUNS; i++) {
      const startedMs = performance.now()
      const server = await startServer({ home: folder.path })
      const tookMs = performance.now() - startedMs
      // the first start creates the data and fills the compile cache
      if (i > 0) times.push(tookMs)
      if (i === RUNS) {
        await sleep(3_000)
        memoryMiB = residentMiB(server.pid)
      }
      await server.end()
      log(`${Math.round(tookMs)} ms`)
    }
    return [
      { name: 'start to ready (median)', value: percentile(times, 0.5), unit: 'ms', aim: '≤ 600 ms' },
      { name: 'memory at rest', value: memoryMiB, unit: 'MiB', aim: '≤ 150 MiB' },
    ]
  },
}
