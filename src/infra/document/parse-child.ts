import { writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { AppError, messageOf } from '../../base/errors.ts'
import { FrameReader, frame, type Job, REPLY_FD, type Reply, type Request } from './child-protocol.ts'
import { chunkBlocks } from './chunk.ts'
import { parseHere } from './parse.ts'
import { BlockSink } from './sink.ts'
import type { Block, Chunk, ChunkStrategy } from './types.ts'

/** Entry of the process that reads documents for the process named by its argument. */

const BATCH_ITEMS = 1_000
const BATCH_CHARS = 500_000
/** What Node and the libraries occupy before a document is there. */
const BASE_BYTES = 160 * 1024 ** 2
/**
 * Runs beside the parser, which may not come back to its event loop for minutes: ends the process when it grows
 * too large or when the server that it works for has died.
 */
const WATCHDOG = `
  const { parent, maxBytes } = require('node:worker_threads').workerData
  setInterval(() => {
    if (process.ppid !== parent || process.memoryUsage.rss() > maxBytes[0]) process.kill(process.pid, 'SIGKILL')
  }, 50)`

/** The writes block while the server is behind: nothing piles up on either side. */
function reply(message: Reply): void {
  for (const bytes of frame(message)) for (let at = 0; at < bytes.length; ) at += write(bytes, at)
}

function write(bytes: Uint8Array, at: number): number {
  try {
    return writeSync(REPLY_FD, bytes, at)
  } catch (err) {
    if (!(err instanceof Error && 'code' in err && err.code === 'EAGAIN')) throw err
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    return 0
  }
}

class Batches<T> {
  readonly #send: (items: T[]) => void
  #items: T[] = []
  #chars = 0

  constructor(send: (items: T[]) => void) {
    this.#send = send
  }

  add(item: T, chars: number): void {
    this.#items.push(item)
    this.#chars += chars
    if (this.#items.length >= BATCH_ITEMS || this.#chars >= BATCH_CHARS) this.flush()
  }

  flush(): void {
    this.#send(this.#items)
    this.#items = []
    this.#chars = 0
  }
}

function sendChunks(blocks: readonly Block[], strategy: ChunkStrategy): void {
  const sent = new Batches<Chunk>((items) => reply({ kind: 'batch', chunks: items }))
  chunkBlocks(blocks, strategy, (chunk) => sent.add(chunk, chunk.content.length))
  sent.flush()
}

async function run({ type, source, limits, options, strategy }: Job): Promise<void> {
  const blocks: Block[] = []
  const sent = new Batches<Block>((items) => reply({ kind: 'batch', blocks: items }))
  const sink = new BlockSink(limits, (block) => {
    if (strategy === undefined) sent.add(block, block.text.length)
    else blocks.push(block)
  })
  try {
    await parseHere(type, source, { sink, limits, options })
    if (strategy === undefined) sent.flush()
    else sendChunks(blocks, strategy)
    reply({ kind: 'done', warnings: sink.warnings, charCount: sink.charCount })
  } catch (err) {
    const known = err instanceof AppError ? err : new AppError('internal', 'the document could not be read')
    const cause = known.cause === undefined ? messageOf(err) : messageOf(known.cause)
    reply({ kind: 'error', code: known.code, message: known.message, cause })
  }
}

function serve(): void {
  const maxBytes = new Float64Array(new SharedArrayBuffer(8))
  maxBytes[0] = Number.POSITIVE_INFINITY
  new Worker(WATCHDOG, { eval: true, workerData: { parent: Number(process.argv[2]), maxBytes } }).unref()
  let request: Request | undefined
  const reader = new FrameReader(
    (value) => {
      request = value as Request
      // The source itself, and the text or the archive made from it.
      maxBytes[0] = BASE_BYTES + request.limits.memoryBytes + request.sourceBytes * 2
      reader.expectRaw(request.sourceBytes)
    },
    (source) => {
      if (request !== undefined) void run({ ...request, source })
    },
  )
  process.stdin.on('data', (piece: Buffer) => reader.push(piece))
  process.stdin.on('end', () => process.exit())
}

serve()
