import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError, codeOf, messageOf } from '../base/errors.ts'

/** Ownership of one data path by this process. `release` is idempotent. */
export type Claim = { release(): void }

const SQLITE_BUSY = 5

function prepare(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // Always the same name: what a killed process leaves, the next start takes away.
    const probe = join(folder, '.write-check')
    writeFileSync(probe, '')
    rmSync(probe, { force: true })
  } catch (err) {
    const text = `the data folder ${folder} cannot be written (${messageOf(err)}); choose another with COZE_HOME`
    throw new AppError(codeOf(err), text, { cause: err })
  }
}

/**
 * Takes the lock beside a data path. The lock is a SQLite transaction that stays open, so the operating system
 * drops it with the process: nothing is stale after `kill -9`, and two starts cannot both win.
 */
function lock(path: string, shown: string): Claim {
  const db = new DatabaseSync(`${path}.lock`)
  try {
    db.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE')
  } catch (err) {
    db.close()
    const isBusy = err instanceof Error && 'errcode' in err && err.errcode === SQLITE_BUSY
    const text = isBusy
      ? `${shown} is in use by another Snug process (pid ${ownerOf(path)}); stop it first`
      : `${shown} cannot be claimed for this process (${messageOf(err)})`
    throw new AppError(isBusy ? 'busy' : codeOf(err), text, { cause: err })
  }
  try {
    writeFileSync(`${path}.pid`, `${process.pid}\n`)
  } catch {
    // It is only for the message above; whether there is room to work will be seen by those who need it.
  }
  let held = true
  return {
    release: () => {
      if (!held) return
      held = false
      rmSync(`${path}.pid`, { force: true })
      db.close()
    },
  }
}

function ownerOf(path: string): string {
  try {
    return readFileSync(`${path}.pid`, 'utf8').trim() || 'unknown'
  } catch {
    return 'unknown'
  }
}

/** Creates a data folder (0700), checks that it can be written and claims it for this process. */
export function claimFolder(folder: string): Claim {
  prepare(folder)
  return lock(join(folder, '.owner'), folder)
}

/** The same for a single data file: its folder is created, the claim is on the file. */
export function claimFile(file: string): Claim {
  prepare(dirname(file))
  return lock(file, file)
}
