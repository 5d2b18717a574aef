import { parentPort } from 'node:worker_threads'
import { AppError, messageOf } from '../../base/errors.ts'
import { parseHere } from './parse.ts'
import { BlockSink } from './sink.ts'
import type { Block } from './types.ts'
import type { Job, Reply } from './worker-protocol.ts'

/** Blocks travel in batches, so that neither side handles a million at once. */
const BATCH_BLOCKS = 2_000
const BATCH_CHARS = 1_000_000

const reply = (message: Reply) => parentPort?.postMessage(message)

async function run({ type, source, limits, options }: Job): Promise<void> {
  let batch: Block[] = []
  let chars = 0
  const flush = () => {
    reply({ kind: 'blocks', blocks: batch })
    batch = []
    chars = 0
  }
  const sink = new BlockSink(limits, (block) => {
    batch.push(block)
    chars += block.text.length
    if (batch.length >= BATCH_BLOCKS || chars >= BATCH_CHARS) flush()
  })
  try {
    await parseHere(type, source, { sink, limits, options })
    flush()
    reply({ kind: 'done', warnings: sink.warnings, charCount: sink.charCount })
  } catch (err) {
    const known = err instanceof AppError ? err : new AppError('internal', 'the document could not be read')
    const cause = known.cause === undefined ? messageOf(err) : messageOf(known.cause)
    reply({ kind: 'error', code: known.code, message: known.message, cause })
  }
}

parentPort?.on('message', (job: Job) => void run(job))
