import { execFileSync } from 'node:child_process'
import { createHash, randomInt } from 'node:crypto'
import { chownSync, mkdirSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Account } from './server.ts'

/** Below where systems take the ports of outgoing connections from: a server that is away for a while finds its own again. */
const FIRST_PORT = 20_000
const PORTS = 10_000

/** Whether nothing listens on a port of the loopback interface now. */
export function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** A port of the loopback interface that nothing listens on now. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = FIRST_PORT + randomInt(PORTS)
    if (await isFree(port)) return port
  }
  throw new Error(`there is no free port from ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1}`)
}

/** The numbers of a system account when the caller is root; otherwise a server runs as the caller. */
export function accountOf(name: string | undefined): Account | undefined {
  if (name === undefined || process.getuid?.() !== 0) return undefined
  const ask = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  return { uid: ask('-u'), gid: ask('-g') }
}

/** Whether everybody may pass through every folder on the way. */
function isPassable(path: string): boolean {
  for (let at = path; at !== dirname(at); at = dirname(at)) if ((statSync(at).mode & 0o001) === 0) return false
  return true
}

/** Makes the data folder of a service; outside of `home` only where another account cannot get into it. */
export function dataFolder(home: string, name: string, account?: Account): string {
  mkdirSync(home, { recursive: true, mode: 0o755 })
  const id = createHash('sha256').update(home).digest('hex').slice(0, 12)
  const base = account === undefined || isPassable(home) ? home : join(tmpdir(), `snug-services-${id}`)
  const folder = join(base, name, 'data')
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  if (account !== undefined) chownSync(folder, account.uid, account.gid)
  return folder
}
