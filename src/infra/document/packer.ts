import { codePointCount, sentenceEnds, softCut } from './text-units.ts'
import type { Block, Chunk } from './types.ts'

export type PackOptions = {
  /** Most code points of a chunk. */
  size: number
  /** A chunk this full is closed rather than filled up with a torn paragraph or a new section. */
  closeAt: number
  /** Code points that a chunk may repeat of the one before, in whole sentences. */
  overlap: number
}

/** What was put into a chunk: a block or a part of one. `text` of a part may end in white space. */
type Piece = { block: Block; text: string; points: number; glue: string; repeated: boolean }

/**
 * Fills chunks with blocks in their order. Paragraphs, rows and code stay whole where they can; longer paragraphs
 * are cut between sentences, long sentences between clauses or words, code and rows between lines. Headings go with
 * what follows them.
 */
export class Packer {
  readonly #options: PackOptions
  readonly #emit: (chunk: Chunk) => void
  #pieces: Piece[] = []
  #points = 0
  /** Level of the section the chunk began in, and of the section we are in. */
  #firstLevel = 0
  #level = 0

  constructor(options: PackOptions, emit: (chunk: Chunk) => void) {
    this.#options = options
    this.#emit = emit
  }

  add(block: Block): void {
    const { size, closeAt } = this.#options
    if (block.kind === 'heading') this.#enterSection(block.level ?? 1)
    const points = codePointCount(block.text)
    if (points <= size && (this.#fits(block, points) || block.kind !== 'text' || this.#points >= closeAt))
      this.#put(block, block.text, points)
    else for (const part of partsOf(block, size)) this.#put(block, part, codePointCount(part))
  }

  /** Like `close`, but a chunk that would be nothing but headings is dropped. */
  closeText(): void {
    if (this.#pieces.every((piece) => piece.block.kind === 'heading')) this.#pieces = []
    this.close()
  }

  /** Ends the chunk; the next one repeats nothing. */
  close(): void {
    if (this.#pieces.some((piece) => !piece.repeated)) this.#emit(chunkOf(this.#pieces))
    this.#pieces = []
    this.#points = 0
  }

  /** Small sections share a chunk with their siblings and children, not with the next chapter. */
  #enterSection(level: number): void {
    const leaves = level < this.#firstLevel && this.#pieces.some((piece) => piece.block.kind !== 'heading')
    if (leaves || this.#points >= this.#options.closeAt) this.close()
    this.#level = level
  }

  #put(block: Block, text: string, points: number): void {
    const needed = points - (text.length - text.trimEnd().length)
    if (!this.#fits(block, needed)) this.#turn()
    if (!this.#fits(block, needed)) this.#withoutRepeated()
    if (!this.#fits(block, needed)) this.close()
    const glue = this.#glueBefore(block)
    if (this.#pieces.length === 0) this.#firstLevel = this.#level
    this.#pieces.push({ block, text, points, glue, repeated: false })
    this.#points += glue.length + points
  }

  #fits(block: Block, points: number): boolean {
    return this.#points + this.#glueBefore(block).length + points <= this.#options.size
  }

  #glueBefore(block: Block): string {
    const before = this.#pieces.at(-1)?.block
    if (before === undefined || before === block) return ''
    return before.kind === 'heading' || (before.kind === 'row' && block.kind === 'row') ? '\n' : '\n\n'
  }

  /** Ends the chunk within a section: headings at its end move on, or else its last sentences are repeated. */
  #turn(): void {
    const last = this.#pieces.findLastIndex((piece) => piece.block.kind !== 'heading')
    const moved = last < 0 ? [] : this.#pieces.splice(last + 1)
    const carried = moved.length > 0 ? moved : this.#tail()
    this.close()
    this.#pieces = carried
    this.#points = carried.reduce((sum, piece) => sum + piece.glue.length + piece.points, 0)
  }

  /** Whole sentences from the end of the chunk's last paragraph; never the whole chunk. */
  #tail(): Piece[] {
    const block = this.#pieces.at(-1)?.block
    if (block?.kind !== 'text' || this.#options.overlap === 0) return []
    const own = this.#pieces.filter((piece) => piece.block === block && !piece.repeated)
    const text = own.map((piece) => piece.text).join('')
    let from = text.length
    for (const start of [0, ...sentenceEnds(text).slice(0, -1)].reverse()) {
      if (codePointCount(text.slice(start)) > this.#options.overlap) break
      from = start
    }
    if (from === text.length || (from === 0 && own.length === this.#pieces.length)) return []
    const tail = text.slice(from)
    return [{ block, text: tail, points: codePointCount(tail), glue: '', repeated: true }]
  }

  #withoutRepeated(): void {
    const kept = this.#pieces.filter((piece) => !piece.repeated)
    if (kept[0] !== undefined) kept[0].glue = ''
    this.#pieces = kept
    this.#points = kept.reduce((sum, piece) => sum + piece.glue.length + piece.points, 0)
  }
}

/** The sentences of a text, the lines of anything else, those too long cut further. */
function* partsOf(block: Block, size: number): Generator<string> {
  const { kind, text } = block
  let from = 0
  for (const end of kind === 'text' || kind === 'heading' ? sentenceEnds(text) : lineEnds(text)) {
    while (from < end) {
      const cut = softCut(text, from, end, size)
      yield text.slice(from, cut)
      from = cut
    }
  }
}

function lineEnds(text: string): number[] {
  const ends = [...text.matchAll(/\n/g)].map((match) => match.index + 1)
  return ends.at(-1) === text.length ? ends : [...ends, text.length]
}

function chunkOf(pieces: readonly Piece[]): Chunk {
  const own = pieces.filter((piece) => !piece.repeated)
  const body = own.filter((piece) => piece.block.kind !== 'heading')
  const paths = (body.length > 0 ? body : own.slice(-1)).map((piece) => piece.block.path ?? [])
  const content = pieces.map((piece, i) => (i === 0 ? '' : piece.glue) + piece.text).join('')
  return chunkFrom(
    content,
    body.map((piece) => piece.block.kind),
    own[0]?.block.page,
    commonPath(paths),
  )
}

/** A chunk with only the fields that have something to say. */
export function chunkFrom(
  content: string,
  kinds: readonly Block['kind'][],
  page: number | undefined,
  path: readonly string[] | undefined,
): Chunk {
  const [first] = kinds
  const kind = (first === 'code' || first === 'row') && kinds.every((other) => other === first) ? first : 'text'
  const text = content.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd()
  return {
    content: kind === 'code' ? text : text.trimStart(),
    kind,
    ...(page === undefined ? {} : { page }),
    ...(path === undefined || path.length === 0 ? {} : { path }),
  }
}

function commonPath(paths: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...rest] = paths
  let length = first.length
  for (const path of rest) while (length > 0 && !sameStart(first, path, length)) length--
  return first.slice(0, length)
}

const sameStart = (a: readonly string[], b: readonly string[], length: number): boolean =>
  b.length >= length && a.slice(0, length).every((title, i) => title === b[i])
