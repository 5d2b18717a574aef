import { customChunks } from './chunk-custom.ts'
import { headingChunks } from './chunk-heading.ts'
import { Packer } from './packer.ts'
import type { Block, Chunk, ChunkStrategy } from './types.ts'

const AUTO = { size: 800, closeAt: 200, overlap: 120 }
const HEADING_MAX_CHARS = 2_000
const CUSTOM_DEFAULTS = { overlapPercent: 0, removeExtraSpaces: false, removeUrlsEmails: false }

/** Hands over the chunks of a document one by one; the strategy was checked. */
export function chunkBlocks(blocks: readonly Block[], strategy: ChunkStrategy, take: (chunk: Chunk) => void): void {
  const emit = (chunk: Chunk) => {
    if (chunk.content.trim() !== '') take(chunk)
  }
  switch (strategy.type) {
    case 'auto':
    case 'row':
      packChunks(blocks, strategy.type === 'row', emit)
      break
    case 'custom':
      for (const chunk of customChunks(blocks, { ...CUSTOM_DEFAULTS, ...strategy })) emit(chunk)
      break
    case 'heading':
      headingChunks(blocks, { maxChars: HEADING_MAX_CHARS, ...strategy }, emit)
  }
}

function packChunks(blocks: readonly Block[], rowsApart: boolean, emit: (chunk: Chunk) => void): void {
  const packer = new Packer(AUTO, emit)
  for (const block of blocks) {
    const apart = rowsApart && block.kind === 'row'
    if (apart) packer.close()
    packer.add(block)
    if (apart) packer.close()
  }
  packer.close()
}
