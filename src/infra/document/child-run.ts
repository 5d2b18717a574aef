import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { AppError, messageOf } from '../../base/errors.ts'
import { FrameReader, frame, type Job, REPLY_FD, type Reply } from './child-protocol.ts'
import type { Block, Chunk } from './types.ts'

const MIB = 1024 ** 2
/** A library that is tricked by a file can neither write to disk nor start programs. */
const PERMISSIONS = ['--permission', '--allow-fs-read=*', '--allow-worker']
/** After so many documents, or a large one, a process is replaced: its memory does not shrink by itself. */
const MAX_JOBS = 200
const LARGE_BYTES = 8 * MIB

/** What came of a job: blocks, or chunks if it had a strategy. */
export type Outcome = { blocks: Block[]; chunks: Chunk[]; warnings: string[]; charCount: number }

/**
 * One child process and the document it reads. A process and not a thread, since V8 ends the whole process when a
 * thread outgrows its heap within a built-in such as `JSON.parse`; and since a process can be given a low priority.
 * A child that was stopped or has failed is spent.
 */
export class ChildRun {
  readonly memoryBytes: number
  readonly #child: ChildProcess
  readonly #stdin: Socket
  readonly #replies: Socket
  readonly #exited: Promise<unknown>
  #onReply: (reply: Reply) => void = () => undefined
  #jobs = 0
  #spent = false
  #ended = false

  constructor(memoryBytes: number) {
    this.memoryBytes = memoryBytes
    const entry = fileURLToPath(new URL('./parse-child.ts', import.meta.url))
    const heap = `--max-old-space-size=${Math.max(16, Math.ceil(memoryBytes / MIB))}`
    this.#child = spawn(process.execPath, [...PERMISSIONS, heap, entry, String(process.pid)], {
      stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
      env: {},
      windowsHide: true,
    })
    this.#exited = once(this.#child, 'exit').catch(() => undefined)
    this.#stdin = this.#child.stdin as Socket
    this.#replies = this.#child.stdio[REPLY_FD] as Socket
    // A broken pipe is reported by the exit of the child.
    for (const pipe of [this.#stdin, this.#replies]) pipe.on('error', () => undefined)
    const reader = new FrameReader((value) => this.#onReply(value as Reply))
    this.#replies.on('data', (piece: Buffer) => reader.push(piece))
    this.#child.on('exit', () => {
      this.#spent = true
    })
    this.#lowerPriority()
    this.#keepAlive(false)
  }

  get isSpent(): boolean {
    return this.#spent
  }

  /** Reads one document. Never called twice at a time. */
  parse(job: Job, signal: AbortSignal | undefined): Promise<Outcome> {
    const { source, ...request } = job
    const { timeoutMs } = job.limits
    this.#jobs++
    if (this.#jobs >= MAX_JOBS || source.length > LARGE_BYTES) this.#spent = true
    return new Promise((resolve, reject) => {
      const blocks: Block[] = []
      const chunks: Chunk[] = []
      const stop = (err: AppError) => {
        settle()
        void this.end()
        reject(err)
      }
      const onAbort = () => stop(new AppError('canceled', 'the call was canceled', { cause: signal?.reason }))
      const onExit = (code: number | null, by: NodeJS.Signals | null) =>
        stop(this.#ended ? closed() : failure(code, by))
      const onError = (err: unknown) => stop(new AppError('unavailable', messageOf(err), { cause: err }))
      const settle = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        this.#child.off('exit', onExit).off('error', onError)
        this.#onReply = () => undefined
        this.#keepAlive(false)
      }
      const timer = setTimeout(
        () => stop(new AppError('deadline_exceeded', `the document took longer than ${timeoutMs / 1000} s to read`)),
        timeoutMs,
      )
      this.#onReply = (reply) => {
        if (reply.kind === 'batch') {
          for (const block of reply.blocks ?? []) blocks.push(block)
          for (const chunk of reply.chunks ?? []) chunks.push(chunk)
          return
        }
        settle()
        if (reply.kind === 'done') resolve({ blocks, chunks, warnings: reply.warnings, charCount: reply.charCount })
        else reject(new AppError(reply.code, reply.message, { cause: new Error(reply.cause) }))
      }
      this.#child.on('exit', onExit).on('error', onError)
      this.#keepAlive(true)
      if (signal?.aborted) onAbort()
      else if (this.#isGone) onExit(this.#child.exitCode, this.#child.signalCode)
      else {
        signal?.addEventListener('abort', onAbort, { once: true })
        for (const part of [...frame({ ...request, sourceBytes: source.length }), source]) this.#stdin.write(part)
      }
    })
  }

  /** It never started or has ended: no event will say so any more. */
  get #isGone(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Ends the process, whatever it does, and waits until it is gone. */
  async end(): Promise<void> {
    this.#spent = true
    this.#ended = true
    if (this.#isGone) return
    this.#child.ref()
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  /** Answering chats goes before reading documents. */
  #lowerPriority(): void {
    try {
      if (this.#child.pid !== undefined) setPriority(this.#child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
    } catch {
      // A system that does not allow it has only the order lost.
    }
  }

  /** An idle child must not keep the server from ending; it ends itself when its input does. */
  #keepAlive(busy: boolean): void {
    for (const handle of [this.#child, this.#stdin, this.#replies]) busy ? handle.ref() : handle.unref()
  }
}

const closed = () => new AppError('closed', 'the document parser was closed')

/** V8 aborts when the heap is full, the watchdog and the system kill. */
function failure(code: number | null, by: NodeJS.Signals | null): AppError {
  if (by === 'SIGKILL' || by === 'SIGABRT' || by === 'SIGTRAP' || code === 134)
    return new AppError('resource_exhausted', 'the file needs more memory than one document may use')
  return new AppError('internal', `the process that read the document ended early (${by ?? code})`)
}
