import { Worker } from 'node:worker_threads'
import { AppError, messageOf } from '../../base/errors.ts'
import type { Block, Chunk } from './types.ts'
import type { Job, Reply, Request } from './worker-protocol.ts'

const MIB = 1024 ** 2
/** Buffers lie outside of the heap that the thread's own limit covers, so they are watched from here. */
const WATCH_MS = 100
/** After so many documents, or a large one, a thread is replaced: its heap does not shrink by itself. */
const MAX_JOBS = 200
const LARGE_BYTES = 8 * MIB

/** What came of a job: blocks, or chunks if it had a strategy. */
export type Outcome = { blocks: Block[]; chunks: Chunk[]; warnings: string[]; charCount: number }

/** One worker thread and the document it reads. A thread that was stopped or has failed is spent. */
export class WorkerRun {
  readonly memoryBytes: number
  readonly #worker: Worker
  #jobs = 0
  #spent = false

  constructor(memoryBytes: number) {
    this.memoryBytes = memoryBytes
    this.#worker = new Worker(new URL('./parse.worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: Math.max(16, Math.ceil(memoryBytes / MIB)) },
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
    })
    // What libraries print is no part of our log.
    this.#worker.stdout.resume()
    this.#worker.stderr.resume()
    this.#worker.on('error', () => {
      this.#spent = true
    })
    this.#worker.unref()
  }

  get isSpent(): boolean {
    return this.#spent
  }

  /** Reads one document. Never called twice at a time. */
  parse(job: Job, signal: AbortSignal | undefined): Promise<Outcome> {
    const { timeoutMs, memoryBytes } = job.limits
    // A copy, since the caller's bytes stay usable and a view must not drag its whole buffer along.
    const source = new Uint8Array(job.source)
    const taken = new Int32Array(new SharedArrayBuffer(4))
    const request: Request = { ...job, source, taken }
    this.#jobs++
    if (this.#jobs >= MAX_JOBS || job.source.length > LARGE_BYTES) this.#spent = true
    return new Promise((resolve, reject) => {
      const blocks: Block[] = []
      const chunks: Chunk[] = []
      const stop = (err: AppError) => {
        settle()
        this.#spent = true
        void this.end()
        reject(err)
      }
      const onAbort = () => stop(new AppError('canceled', 'the call was canceled', { cause: signal?.reason }))
      const onReply = (reply: Reply) => {
        if (reply.kind === 'batch') {
          for (const block of reply.blocks ?? []) blocks.push(block)
          for (const chunk of reply.chunks ?? []) chunks.push(chunk)
          setImmediate(() => {
            Atomics.add(taken, 0, 1)
            Atomics.notify(taken, 0)
          })
          return
        }
        settle()
        if (reply.kind === 'done') resolve({ blocks, chunks, warnings: reply.warnings, charCount: reply.charCount })
        else reject(new AppError(reply.code, reply.message, { cause: new Error(reply.cause) }))
      }
      const onError = (err: unknown) => stop(failure(err))
      const onExit = () => stop(new AppError('internal', 'the thread that read the document ended early'))
      const settle = () => {
        clearTimeout(timer)
        clearInterval(watch)
        signal?.removeEventListener('abort', onAbort)
        this.#worker.off('message', onReply).off('error', onError).off('exit', onExit).unref()
      }
      const timer = setTimeout(
        () => stop(new AppError('deadline_exceeded', `the document took longer than ${timeoutMs / 1000} s to read`)),
        timeoutMs,
      )
      const maxBytes = memoryBytes + source.length
      const watch = setInterval(() => void this.#watch(maxBytes, stop), WATCH_MS).unref()
      this.#worker.on('message', onReply).on('error', onError).on('exit', onExit).ref()
      if (signal?.aborted) onAbort()
      else {
        signal?.addEventListener('abort', onAbort, { once: true })
        this.#worker.postMessage(request, [source.buffer])
      }
    })
  }

  /** Ends the thread, whatever it does. */
  async end(): Promise<void> {
    this.#spent = true
    await this.#worker.terminate()
  }

  async #watch(maxBytes: number, stop: (err: AppError) => void): Promise<void> {
    const used = await this.#worker.getHeapStatistics().then(
      (heap) => heap.external_memory,
      () => 0, // the thread has ended
    )
    if (used > maxBytes) stop(outOfMemory())
  }
}

const outOfMemory = (cause?: unknown) =>
  new AppError('resource_exhausted', 'the file needs more memory than one document may use', { cause })

function failure(err: unknown): AppError {
  const code = err instanceof Error && 'code' in err ? err.code : undefined
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return outOfMemory(err)
  return new AppError('internal', `the document could not be read: ${messageOf(err).slice(0, 120)}`, { cause: err })
}
