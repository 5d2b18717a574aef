import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError, type ErrorCode } from '../../../../../base/errors.ts'
import type { GuardedResult, GuardedStatement } from '../../../driver.ts'
import type { ChildOptions, Reply, SentError } from './protocol.ts'

export type GuardChildOptions = Omit<ChildOptions, 'parentPid'>

/** How long a new process may take until it listens; the machine may be busy. */
const START_MS = 30_000

/** One child process and the statement it runs. When it was stopped or has died it is spent. */
export class GuardChild {
  readonly #process: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #ready: Promise<unknown>
  #onReply: (reply: Reply) => void = () => undefined
  #spent = false
  #ended = false

  constructor(options: GuardChildOptions) {
    const entry = fileURLToPath(new URL('./guard-child.ts', import.meta.url))
    const folder = dirname(options.path)
    const permissions = ['--permission', '--allow-fs-read=*', `--allow-fs-write=${folder}`, '--allow-worker']
    this.#process = fork(entry, [JSON.stringify({ ...options, parentPid: process.pid })], {
      execPath: process.execPath,
      execArgv: ['--disable-warning=ExperimentalWarning', '--max-old-space-size=256', ...permissions],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: {},
    })
    this.#exited = once(this.#process, 'exit').catch(() => undefined)
    this.#process.on('exit', () => {
      this.#spent = true
    })
    this.#process.on('error', () => {
      this.#spent = true
    })
    this.#process.on('message', (reply) => this.#onReply(reply as Reply))
    this.#ready = this.#once('ready', START_MS, undefined, () => undefined)
    this.#ready.catch(() => undefined)
    this.#lowerPriority()
  }

  get isSpent(): boolean {
    return this.#spent
  }

  /** Runs one statement. Never called twice at a time. */
  async run(statement: GuardedStatement, signal: AbortSignal | undefined): Promise<GuardedResult> {
    await this.#ready
    const reply = await this.#once('done', statement.timeoutMs, signal, () => this.#process.send(statement))
    if (reply.kind !== 'done') throw new AppError('internal', 'the process for guarded statements gave no result')
    return reply.result
  }

  /** Ends the process, whatever it does, and waits until it is gone and its locks with it. */
  async end(): Promise<void> {
    this.#spent = true
    this.#ended = true
    if (this.#isGone) return
    this.#process.ref()
    this.#process.kill('SIGKILL')
    await this.#exited
  }

  get #isGone(): boolean {
    return this.#process.pid === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  #once(kind: Reply['kind'], timeoutMs: number, signal: AbortSignal | undefined, start: () => unknown): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        this.#process.off('exit', onExit).off('error', onExit)
        this.#onReply = () => undefined
        this.#keepAlive(false)
      }
      const stop = (err: unknown) => {
        settle()
        this.end().then(() => reject(err), reject)
      }
      const onAbort = () => stop(new AppError('canceled', 'the call was canceled', { cause: signal?.reason }))
      const onExit = () => stop(this.#ended ? new AppError('closed', 'the database is closed') : deathOf(this.#process))
      const timer = setTimeout(() => {
        stop(new AppError('deadline_exceeded', `the statement took longer than ${timeoutMs / 1000} s and was stopped`))
      }, timeoutMs)
      this.#onReply = (reply) => {
        settle()
        if (reply.kind === 'failed') reject(received(reply.error))
        else if (reply.kind === kind) resolve(reply)
        else stop(new AppError('internal', 'the process for guarded statements gave the wrong answer'))
      }
      this.#process.on('exit', onExit).on('error', onExit)
      this.#keepAlive(true)
      if (signal?.aborted) onAbort()
      else if (this.#isGone) onExit()
      else {
        signal?.addEventListener('abort', onAbort, { once: true })
        start()
      }
    })
  }

  /** Answering others goes before statements that take long. */
  #lowerPriority(): void {
    try {
      if (this.#process.pid !== undefined) setPriority(this.#process.pid, constants.priority.PRIORITY_BELOW_NORMAL)
    } catch {
      // where the system does not allow it only the order is lost
    }
  }

  /** An idle child must not keep the server from ending; it ends itself when its channel does. */
  #keepAlive(busy: boolean): void {
    for (const handle of [this.#process, this.#process.channel]) busy ? handle?.ref() : handle?.unref()
  }
}

function received(error: SentError): Error {
  if (error.kind === 'app') return new AppError(error.code as ErrorCode, error.message)
  const { code, errcode, message } = error
  return Object.assign(new Error(message), { code, ...(errcode === undefined ? {} : { errcode }) })
}

/** SIGTERM is the watchdog's sign for too much memory; V8 aborts by itself when its heap is full. */
function deathOf({ exitCode, signalCode }: ChildProcess): AppError {
  if (signalCode === 'SIGTERM' || signalCode === 'SIGABRT' || signalCode === 'SIGKILL' || exitCode === 134)
    return new AppError('resource_exhausted', 'the statement needs more memory than one may use')
  return new AppError('internal', `the process for guarded statements ended early (${signalCode ?? exitCode})`)
}
