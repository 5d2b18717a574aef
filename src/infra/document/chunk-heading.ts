import { Packer } from './packer.ts'
import { codePointCount, offsetAfter } from './text-units.ts'
import type { Block, Chunk, ChunkStrategy } from './types.ts'

export type HeadingStrategy = Required<Extract<ChunkStrategy, { type: 'heading' }>>

/**
 * One chunk per section, cut at headings up to `maxDepth`; deeper headings stay in the text. With `saveTitle` a chunk
 * begins with "Chapter > Section". Sections longer than `maxChars` are cut like `auto` does, without overlap. A
 * heading with nothing under it is left to the trail of the next, or is a chunk of its own.
 */
export function headingChunks(blocks: readonly Block[], strategy: HeadingStrategy, emit: (chunk: Chunk) => void): void {
  const sections = sectionsOf(blocks, strategy.maxDepth)
  for (const [i, section] of sections.entries()) {
    const next = sections[i + 1]
    const parent = next !== undefined && next.path.length > section.path.length
    const title = strategy.saveTitle ? titleOf(section.path, Math.floor(strategy.maxChars / 2)) : ''
    if (section.blocks.length === 0) {
      if (title !== '' && !parent) emit(chunk(title, section))
      continue
    }
    const size = strategy.maxChars - (title === '' ? 0 : codePointCount(title) + 1)
    const packer = new Packer({ size, closeAt: Number.POSITIVE_INFINITY, overlap: 0 }, (found) => {
      const content = title === '' ? found.content : `${title}\n${found.content}`
      emit({ ...found, content, ...(section.path.length === 0 ? {} : { path: section.path }) })
    })
    for (const block of section.blocks) packer.add(block)
    packer.close()
  }
}

type Section = { path: readonly string[]; page: number | undefined; blocks: Block[] }

function sectionsOf(blocks: readonly Block[], maxDepth: number): Section[] {
  const sections: Section[] = [{ path: [], page: blocks[0]?.page, blocks: [] }]
  for (const block of blocks) {
    if (block.kind === 'heading' && (block.level ?? 1) <= maxDepth)
      sections.push({ path: block.path ?? [block.text], page: block.page, blocks: [] })
    else sections.at(-1)?.blocks.push(block)
  }
  return sections.filter((section, i) => i > 0 || section.blocks.length > 0)
}

function chunk(content: string, { path, page }: Section): Chunk {
  return { content, kind: 'text', path, ...(page === undefined ? {} : { page }) }
}

/** The headings of a section; of a trail too long for a chunk, the end. */
function titleOf(path: readonly string[], maxPoints: number): string {
  for (let from = 0; from < path.length; from++) {
    const title = path.slice(from).join(' > ')
    if (codePointCount(title) <= maxPoints) return title
  }
  const last = path.at(-1) ?? ''
  return last.slice(0, offsetAfter(last, 0, maxPoints))
}
