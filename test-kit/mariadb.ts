import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { temporaryFolder } from './tmp.ts'

const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', '/usr/libexec']

/** The first of the programs that is installed. */
function find(...names: string[]): string | undefined {
  return names.flatMap((name) => FOLDERS.map((folder) => join(folder, name))).find((path) => existsSync(path))
}

const server = find('mariadbd')
const installer = find('mariadb-install-db')

/** Why no server can be started here; `false` when one can. Fits the `skip` of a test. */
export const withoutMariaDb: string | false =
  server === undefined || installer === undefined ? 'MariaDB is not installed' : false

/** A server of its own, on a socket in a temporary folder, with the settings of MySQL 8 where they differ. */
export type MariaDb = {
  socketPath: string
  stop(): Promise<void>
}

/** Starts a server; only where `withoutMariaDb` is false. It takes a few seconds. */
export async function startMariaDb(): Promise<MariaDb> {
  if (server === undefined || installer === undefined) throw new Error('MariaDB is not installed')
  const folder = await temporaryFolder()
  const socketPath = join(folder.path, 's')
  const common = ['--no-defaults', `--datadir=${join(folder.path, 'data')}`, `--tmpdir=${folder.path}`]
  const owner = process.getuid?.() === 0 ? ['--user=root'] : []
  await promisify(execFile)(installer, [
    ...common,
    ...owner,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
  ])
  const child = spawn(
    server,
    [
      ...common,
      ...owner,
      `--socket=${socketPath}`,
      `--pid-file=${join(folder.path, 'pid')}`,
      '--skip-networking',
      '--skip-grant-tables',
      '--innodb-buffer-pool-size=16M',
      '--innodb-flush-log-at-trx-commit=0',
      '--character-set-server=utf8mb4',
      '--sql-mode=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO',
    ],
    { stdio: 'ignore' },
  )
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await folder.remove()
  }
  try {
    await isReady(child, socketPath)
  } catch (err) {
    await stop()
    throw err
  }
  return { socketPath, stop }
}

async function isReady(child: ChildProcess, socketPath: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`MariaDB ended with ${child.exitCode}`)
    try {
      const connection = await createConnection({ socketPath, user: 'root' })
      await connection.end()
      return
    } catch {
      await sleep(100)
    }
  }
  throw new Error('MariaDB does not answer')
}
