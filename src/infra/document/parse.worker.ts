import { parentPort } from 'node:worker_threads'
import { AppError, messageOf } from '../../base/errors.ts'
import { chunkBlocks } from './chunk.ts'
import { parseHere } from './parse.ts'
import { BlockSink } from './sink.ts'
import type { Block, Chunk, ChunkStrategy } from './types.ts'
import { MAX_BATCHES_AHEAD, type Reply, type Request } from './worker-protocol.ts'

const BATCH_ITEMS = 1_000
const BATCH_CHARS = 500_000

const reply = (message: Reply) => parentPort?.postMessage(message)

/** Sends items in batches and waits, blocking this thread, while the receiver is behind. */
class Batches<T> {
  readonly #send: (items: T[]) => void
  readonly #taken: Request['taken']
  #items: T[] = []
  #chars = 0
  #sent = 0

  constructor(taken: Request['taken'], send: (items: T[]) => void) {
    this.#taken = taken
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
    this.#sent++
    for (let taken = this.#count(); this.#sent - taken > MAX_BATCHES_AHEAD; taken = this.#count())
      Atomics.wait(this.#taken, 0, taken)
  }

  #count(): number {
    return Atomics.load(this.#taken, 0)
  }
}

function sendChunks(blocks: readonly Block[], strategy: ChunkStrategy, taken: Request['taken']): void {
  const batches = new Batches<Chunk>(taken, (items) => reply({ kind: 'batch', chunks: items }))
  chunkBlocks(blocks, strategy, (chunk) => batches.add(chunk, chunk.content.length))
  batches.flush()
}

async function run({ type, source, limits, options, strategy, taken }: Request): Promise<void> {
  const blocks: Block[] = []
  const batches = new Batches<Block>(taken, (items) => reply({ kind: 'batch', blocks: items }))
  const sink = new BlockSink(limits, (block) => {
    if (strategy === undefined) batches.add(block, block.text.length)
    else blocks.push(block)
  })
  try {
    await parseHere(type, source, { sink, limits, options })
    if (strategy === undefined) batches.flush()
    else sendChunks(blocks, strategy, taken)
    reply({ kind: 'done', warnings: sink.warnings, charCount: sink.charCount })
  } catch (err) {
    const known = err instanceof AppError ? err : new AppError('internal', 'the document could not be read')
    const cause = known.cause === undefined ? messageOf(err) : messageOf(known.cause)
    reply({ kind: 'error', code: known.code, message: known.message, cause })
  }
}

parentPort?.on('message', (request: Request) => void run(request))
