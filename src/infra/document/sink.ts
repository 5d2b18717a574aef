import { AppError } from '../../base/errors.ts'
import { codePointCount } from './text-units.ts'
import type { Block, Limits } from './types.ts'

/** What a parser hands over; the sink adds the heading trail. */
export type NewBlock = Omit<Block, 'path'>

const MAX_WARNINGS = 50
/** A longer "heading" is a paragraph with the wrong style; the trail must stay short, since every block carries it. */
const MAX_HEADING_CHARS = 300
/** Control characters but tab and newline, soft hyphens, byte order marks, the two characters that are none. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
const UNWANTED = /[\u0000-\u0008\u000e-\u001f\u007f\u00ad\ufeff\ufffe\uffff]/g
const NEWLINES = /\r\n?|[\f\v\u0085\u2028\u2029]/g

/** Text as every store can keep it: one kind of newline and of space, well-formed, no NUL. */
export const cleanText = (text: string): string =>
  text.replace(NEWLINES, '\n').replace(UNWANTED, '').replaceAll('\u00a0', ' ').toWellFormed()

/** Takes the blocks of one document: cleans them, keeps the heading trail, and refuses more than the limits allow. */
export class BlockSink {
  readonly warnings: string[] = []
  charCount = 0
  blockCount = 0
  readonly #limits: Limits
  readonly #take: (block: Block) => void
  #trail: { level: number; path: readonly string[] }[] = []
  #units = 0
  #rows = 0

  constructor(limits: Limits, take: (block: Block) => void) {
    this.#limits = limits
    this.#take = take
  }

  /** Blank blocks are dropped. Throws `resource_exhausted` when the document is too long. */
  add(block: NewBlock): void {
    const text = trim(cleanText(block.text), block.kind)
    if (text === '') return
    this.#units += text.length
    if (this.#units > this.#limits.chars)
      throw new AppError('resource_exhausted', `the document holds more than ${this.#limits.chars} characters of text`)
    if (block.kind === 'row' && ++this.#rows > this.#limits.rows)
      throw new AppError('resource_exhausted', `the document has more than ${this.#limits.rows} rows`)
    this.charCount += codePointCount(text)
    this.blockCount++
    const isLong = block.kind === 'heading' && text.length > MAX_HEADING_CHARS
    if (block.kind === 'heading' && !isLong) this.#enter(block.level ?? 1, text.replaceAll('\n', ' '))
    const path = this.#trail.at(-1)?.path
    const { level, ...rest } = block
    const kept: NewBlock = isLong ? { ...rest, kind: 'text' } : block
    this.#take({ ...kept, text, ...(path === undefined ? {} : { path }) })
  }

  /** Notes something a person should know; the same sentence once. */
  warn(text: string): void {
    if (this.warnings.length < MAX_WARNINGS && !this.warnings.includes(text)) this.warnings.push(text)
  }

  #enter(level: number, title: string): void {
    const above = this.#trail.filter((entry) => entry.level < level)
    this.#trail = [...above, { level, path: [...(above.at(-1)?.path ?? []), title] }]
  }
}

/** Code keeps the indentation of its first line. */
function trim(text: string, kind: Block['kind']): string {
  return kind === 'code' ? text.replace(/^(?:[ \t]*\n)+/, '').trimEnd() : text.trim()
}
