import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AppError, codeOf, messageOf } from '../base/errors.ts'

/** Ownership of one data path by this process. `release` is idempotent. */
export type Claim = { release(): void }

function prepare(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const probe = join(folder, `.write-${randomUUID()}`)
    writeFileSync(probe, '')
    rmSync(probe)
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
    throw new AppError('busy', `${shown} is in use by another Snug process (pid ${ownerOf(path)}); stop it first`, {
      cause: err,
    })
  }
  writeFileSync(`${path}.pid`, `${process.pid}\n`)
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
    return readFileSync(`${path}.pid`, 'utf8').trim()
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
