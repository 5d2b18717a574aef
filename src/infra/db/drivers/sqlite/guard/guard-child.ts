import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { AppError, messageOf } from '../../../../../base/errors.ts'
import type { GuardedResult } from '../../../driver.ts'
import { LIMITS, prepareForGuard } from './connection.ts'
import type { ChildOptions, Reply, Request, SentError } from './protocol.ts'
import { isWrite, runGuarded } from './run.ts'

/** Entry of the process that runs guarded statements: it can be killed in the middle of one, which a thread cannot. */

/** Runs beside the statement, during which this process does not come back to its event loop. */
const WATCHDOG = `
  const { parentPid, maxMemoryBytes } = require('node:worker_threads').workerData
  setInterval(() => {
    const isTooLarge = process.memoryUsage.rss() > maxMemoryBytes
    if (process.ppid !== parentPid || isTooLarge) process.kill(process.pid, isTooLarge ? 'SIGTERM' : 'SIGKILL')
  }, 50)`

function connect({ path, busyTimeoutMs }: ChildOptions, readOnly: boolean): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly, timeout: busyTimeoutMs, limits: LIMITS })
  prepareForGuard(db)
  if (readOnly) db.exec('PRAGMA query_only=ON')
  return db
}

function runInTransaction(db: DatabaseSync, request: Request): GuardedResult {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = runGuarded(db, request)
    db.exec('COMMIT')
    return result
  } catch (err) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw err
  }
}

function sent(err: unknown): SentError {
  if (err instanceof AppError) return { kind: 'app', code: err.code, message: err.message }
  const code = err instanceof Error && 'code' in err ? String(err.code) : ''
  const errcode = err instanceof Error && 'errcode' in err ? Number(err.errcode) : undefined
  return { kind: 'sqlite', code, errcode, message: messageOf(err) }
}

function serve(options: ChildOptions): void {
  const { parentPid, maxMemoryBytes } = options
  new Worker(WATCHDOG, { eval: true, workerData: { parentPid, maxMemoryBytes } }).unref()
  const reader = connect(options, true)
  let writer: DatabaseSync | undefined
  const send = (reply: Reply) => void process.send?.(reply)
  process.on('message', (message) => {
    const request = message as Request
    try {
      if (!isWrite(request)) return send({ kind: 'done', result: runGuarded(reader, request) })
      writer ??= connect(options, false)
      send({ kind: 'done', result: runInTransaction(writer, request) })
    } catch (err) {
      send({ kind: 'failed', error: sent(err) })
    }
  })
  process.on('disconnect', () => process.exit())
  send({ kind: 'ready' })
}

serve(JSON.parse(process.argv[2] ?? '{}') as ChildOptions)
