import { AppError, codeOf } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'
import { Observer } from '../../base/observe.ts'
import { formatBytes } from '../../base/units.ts'
import { ChildPool, type ChildPoolOptions } from './child-pool.ts'
import type { Job } from './child-protocol.ts'
import type { Outcome } from './child-run.ts'
import { chunkBlocks } from './chunk.ts'
import { checkContent, typeOf } from './detect.ts'
import { limitsOf } from './limits.ts'
import { parseHere } from './parse.ts'
import { BlockSink } from './sink.ts'
import { checkStrategy } from './strategy.ts'
import {
  type Block,
  type Chunk,
  type ChunkedDocument,
  type ChunkStrategy,
  DOCUMENT_TYPES,
  type DocumentType,
  type ParsedDocument,
  type ParseOptions,
} from './types.ts'

export type {
  Block,
  Chunk,
  ChunkedDocument,
  ChunkStrategy,
  DocumentType,
  Limits,
  ParsedDocument,
  ParseOptions,
} from './types.ts'

/**
 * Up to this size a file is read in the calling thread: a process would cost more than the work. Only types whose
 * parsers take time in proportion to the input; Markdown's does not for hostile input, so it gets little.
 */
const INLINE_BYTES: Readonly<Partial<Record<DocumentType, number>>> = {
  txt: 128 * 1024,
  csv: 32 * 1024,
  json: 32 * 1024,
  html: 32 * 1024,
  md: 8 * 1024,
}

/**
 * Reads documents of all `DocumentType`s into blocks of text, large or risky ones in worker processes with limits on
 * time and memory, so that a hostile file harms nothing but itself. One instance serves the whole process.
 */
export class DocumentParser {
  readonly provider = 'builtin'
  readonly features: ReadonlySet<string> = new Set()
  readonly #observer = new Observer({ capability: 'document', provider: 'builtin', codeOf })
  readonly #pool: ChildPool

  constructor(options: ChildPoolOptions = {}) {
    this.#pool = new ChildPool(options)
  }

  /**
   * The text of a document. The bytes are not changed. Calls beyond the number of workers wait.
   *
   * @throws corrupt when the bytes are not what the type says, or damaged.
   * @throws invalid_argument when the file is empty, holds no text (a scan), or needs a password.
   * @throws resource_exhausted when it is beyond a limit: size, rows, pages, zip bomb, nesting, memory.
   * @throws deadline_exceeded after `limits.timeoutMs`.
   * @throws canceled within a second after `signal` aborts.
   * All messages are meant for the person who uploaded the file.
   */
  parse(source: Uint8Array, options: ParseOptions): Promise<ParsedDocument> {
    return this.#observer.run(
      'parse',
      async () => {
        const { blocks, warnings, charCount } = await this.#run(source, options)
        return { blocks, warnings, charCount }
      },
      options.signal,
    )
  }

  /**
   * The chunks of a document: like `parse` and `chunkDocument`, but large documents are cut in the worker process too,
   * so that the event loop goes on. Errors are those of both.
   */
  parseToChunks(source: Uint8Array, strategy: ChunkStrategy, options: ParseOptions): Promise<ChunkedDocument> {
    return this.#observer.run(
      'parse',
      async () => {
        checkStrategy(strategy)
        const { chunks, warnings, charCount } = await this.#run(source, options, strategy)
        return { chunks, warnings, charCount }
      },
      options.signal,
    )
  }

  health(): Promise<Health> {
    return this.#observer.health(async () => ({ status: 'up', checks: this.#pool.load }))
  }

  /** Stops what is running: those calls reject. */
  close(): Promise<void> {
    return this.#observer.close(() => this.#pool.close())
  }

  async #run(source: Uint8Array, given: ParseOptions, strategy?: ChunkStrategy): Promise<Outcome> {
    const { type, signal, limits: overrides, ...options } = given
    const limits = limitsOf(overrides)
    if (source.length === 0) throw new AppError('invalid_argument', 'the file is empty')
    if (source.length > limits.inputBytes)
      throw new AppError('resource_exhausted', `the file is larger than ${formatBytes(limits.inputBytes)}`)
    checkContent(type, source)
    const job = { type, source, limits, options, ...(strategy === undefined ? {} : { strategy }) }
    return source.length > (INLINE_BYTES[type] ?? -1) ? this.#pool.run(job, signal) : runHere(job)
  }
}

async function runHere({ type, source, limits, options, strategy }: Job): Promise<Outcome> {
  const blocks: Block[] = []
  const chunks: Chunk[] = []
  const sink = new BlockSink(limits, (block) => blocks.push(block))
  await parseHere(type, source, { sink, limits, options })
  if (strategy !== undefined) chunkBlocks(blocks, strategy, (chunk) => chunks.push(chunk))
  return { blocks, chunks, warnings: sink.warnings, charCount: sink.charCount }
}

/** Reads one document with a parser of its own; use a shared `DocumentParser` where there are many. */
export async function parseDocument(source: Uint8Array, options: ParseOptions): Promise<ParsedDocument> {
  const parser = new DocumentParser({ workers: 1 })
  try {
    return await parser.parse(source, options)
  } finally {
    await parser.close()
  }
}

/** What can be read, by extension. */
export const SUPPORTED_TYPES: readonly DocumentType[] = DOCUMENT_TYPES

/**
 * The type of a file by its name (`tsv`, `htm`, `markdown` … are known), checked against how its bytes begin; a name
 * without extension leaves it to the bytes. The first 4 KiB are enough.
 *
 * @throws invalid_argument for types that cannot be read, naming those that can.
 * @throws corrupt when name and bytes disagree: "the file is not a PDF although its name says so".
 */
export function detectType(name: string, bytes: Uint8Array): DocumentType {
  const type = typeOf(name, bytes)
  checkContent(type, bytes)
  return type
}

/**
 * Cuts a document into chunks. Pure: the same document and strategy give the same chunks. No chunk is blank, none
 * only repeats the one before, none is cut inside of a character.
 *
 * - `auto`: up to 800 code points. Paragraphs are packed together, a new section begins a new chunk unless the one
 *   before is small; a chunk that ends within a section is continued with up to 120 code points of whole sentences
 *   repeated. Rows of tables are packed as well: each names its columns, so it can be understood anywhere.
 * - `custom`: at a literal separator, see `customChunks`. A row of a table is never merged with another.
 * - `heading`: one chunk per section, see `headingChunks`.
 * - `row`: like `auto`, but a row of a table is a chunk by itself.
 *
 * @throws invalid_argument naming the field that is out of range.
 */
export function chunkDocument(document: Pick<ParsedDocument, 'blocks'>, strategy: ChunkStrategy): Chunk[] {
  checkStrategy(strategy)
  const chunks: Chunk[] = []
  chunkBlocks(document.blocks, strategy, (chunk) => chunks.push(chunk))
  return chunks
}
