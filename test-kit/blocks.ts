import { limitsOf } from '../src/infra/document/limits.ts'
import { parseHere } from '../src/infra/document/parse.ts'
import { BlockSink } from '../src/infra/document/sink.ts'
import type { Block, DocumentType, ParseOptions } from '../src/infra/document/types.ts'

/** Reads a document in the test's own thread: the parser alone, without workers. */
export async function readBlocks(
  type: DocumentType,
  source: Uint8Array | string,
  { limits, ...options }: Omit<ParseOptions, 'type' | 'signal'> = {},
): Promise<{ blocks: Block[]; warnings: string[]; charCount: number }> {
  const blocks: Block[] = []
  const context = { limits: limitsOf(limits), options }
  const sink = new BlockSink(context.limits, (block) => blocks.push(block))
  await parseHere(type, typeof source === 'string' ? Buffer.from(source) : source, { ...context, sink })
  return { blocks, warnings: sink.warnings, charCount: sink.charCount }
}

/** "kind text" of each block, for tables of expectations. */
export const outline = (blocks: readonly Block[]): string[] =>
  blocks.map(({ kind, level, text }) => `${kind}${level ?? ''} ${text}`)
