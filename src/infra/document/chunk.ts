import { customChunks } from './chunk-custom.ts'
import { headingChunks } from './chunk-heading.ts'
import { Packer } from './packer.ts'
import type { Block, Chunk, ChunkStrategy } from './types.ts'

const AUTO = { size: 800, closeAt: 200, overlap: 120 }
/** A row is cut only if no model could read it. */
const ROW = { size: 10_000, closeAt: 10_000, overlap: 0 }
const HEADING_MAX_CHARS = 2_000
const CUSTOM_DEFAULTS = { overlapPercent: 0, removeExtraSpaces: false, removeUrlsEmails: false }

/** Hands over the chunks of a document one by one; the strategy was checked. */
export function chunkBlocks(blocks: readonly Block[], strategy: ChunkStrategy, take: (chunk: Chunk) => void): void {
  const emit = (chunk: Chunk) => {
    if (chunk.content.trim() !== '') take(chunk)
  }
  switch (strategy.type) {
    case 'auto':
      packChunks(blocks, emit)
      break
    case 'row':
      rowChunks(blocks, emit)
      break
    case 'custom':
      for (const chunk of customChunks(blocks, { ...CUSTOM_DEFAULTS, ...strategy })) emit(chunk)
      break
    case 'heading':
      headingChunks(blocks, { maxChars: HEADING_MAX_CHARS, ...strategy }, emit)
  }
}

function packChunks(blocks: readonly Block[], emit: (chunk: Chunk) => void): void {
  const packer = new Packer(AUTO, emit)
  for (const block of blocks) packer.add(block)
  packer.close()
}

/** The name of a sheet is in the path of its rows and no chunk of its own. */
function rowChunks(blocks: readonly Block[], emit: (chunk: Chunk) => void): void {
  const text = new Packer(AUTO, emit)
  const row = new Packer(ROW, emit)
  for (const block of blocks) {
    if (block.kind !== 'row') text.add(block)
    else {
      text.closeText()
      row.add(block)
      row.close()
    }
  }
  text.close()
}
