import type { BlockSink } from '../sink.ts'
import { addTable } from '../tables.ts'
import { isBrokenWord, joinLines, type Line, lineText } from './pdf-lines.ts'

/** A page with its 1-based number. */
export type Page = { number: number; lines: Line[] }

/** Lines larger than the running text by this factor are headings, if they are short. */
const HEADING_FACTOR = 1.15
const MAX_HEADING_CHARS = 150
const MAX_HEADING_LEVEL = 4
/** Dots that lead to a page number: a line of the table of contents. */
const LEADER = /(?:\.\s?){5}|…\s?…/
/** A gap between lines beyond this many usual ones starts a paragraph. */
const PARAGRAPH_GAP = 1.3
/** Lines that end before this share of the column were ended on purpose. */
const SHORT_LINE = 0.8
const BULLET = /^(?:[•‣▪◦●○■□◆–—*-]|\(?\d{1,3}[.)、]|[（(]?[一二三四五六七八九十]{1,3}[）)、.])(?:\s|(?=\p{Lo}))/u
/** Lines this near to the edge of a page may be running headers and footers. */
const EDGE_LINES = 2

/** Running headers and footers go, and the rest becomes headings, paragraphs and tables with their page. */
export function addPages(sink: BlockSink, pages: readonly Page[]): void {
  const sizes = pages.flatMap((page) => page.lines.map((line) => [line.size, lineText(line).length] as const))
  const body = usual(sizes)
  dropRunningLines(pages, body * HEADING_FACTOR)
  const lines = pages.flatMap((page) => page.lines)
  const spacing = usual(pages.flatMap((page) => spacings(page.lines)))
  const levels = headingLevels(lines, body)
  for (const page of pages) addPage(sink, page, { levels, spacing, edges: columnEdges(page.lines) })
}

type Style = { levels: ReadonlyMap<number, number>; spacing: number; edges: ColumnEdges }

function addPage(sink: BlockSink, page: Page, style: Style): void {
  let group: Line[] = []
  const flush = () => {
    if (group.length > 0) addGroup(sink, group, page, style)
    group = []
  }
  for (const line of page.lines) {
    const before = group.at(-1)
    if (before !== undefined && startsGroup(before, line, style)) flush()
    group.push(line)
  }
  flush()
}

function startsGroup(before: Line, line: Line, { levels, spacing }: Style): boolean {
  if (before.cells.length > 1 !== line.cells.length > 1) return true
  if (levels.get(rounded(before.size)) !== levels.get(rounded(line.size))) return true
  const drop = before.y - line.y
  if (before.cells.length > 1) return drop < 0 || drop > spacing * 3
  return drop < 0 || drop > Math.max(spacing, line.size) * PARAGRAPH_GAP
}

function addGroup(sink: BlockSink, group: readonly Line[], page: Page, style: Style): void {
  const [first] = group
  if (first === undefined) return
  const level = style.levels.get(rounded(first.size))
  const text = paragraph(group, style.edges)
  if (first.cells.length > 1 && group.length > 1) addTable(sink, tableRows(group), 'guess', page.number)
  else if (level !== undefined && text.length <= MAX_HEADING_CHARS && !LEADER.test(text))
    sink.add({ kind: 'heading', text: text.replaceAll('\n', ' '), level, page: page.number })
  else sink.add({ kind: 'text', text, page: page.number })
}

/** Lines that run to the edge of their column continue in the next one; shorter ones end where they were ended. */
function paragraph(group: readonly Line[], edges: ColumnEdges): string {
  let text = ''
  let before: Line | undefined
  for (const line of group) {
    const here = lineText(line)
    const ended = before !== undefined && !isBrokenWord(text, here) && (BULLET.test(here) || isShort(before, edges))
    text = before === undefined ? here : ended ? `${text}\n${here}` : joinLines(text, here)
    before = line
  }
  return text
}

/** Where the lines that begin near a place end at most; the key is the place in steps. */
type ColumnEdges = ReadonlyMap<number, number>
const COLUMN_STEP = 24
const columnOf = (line: Line): number => Math.round(line.x / COLUMN_STEP)

function columnEdges(lines: readonly Line[]): ColumnEdges {
  const edges = new Map<number, number>()
  for (const line of lines) edges.set(columnOf(line), Math.max(edges.get(columnOf(line)) ?? 0, line.endX))
  return edges
}

function isShort(line: Line, edges: ColumnEdges): boolean {
  const column = columnOf(line)
  const edge = Math.max(...[column - 1, column, column + 1].map((near) => edges.get(near) ?? 0))
  return line.endX - line.x < (edge - line.x) * SHORT_LINE
}

/** Cells under the column whose left edge is nearest in the row with the most cells. */
function tableRows(group: readonly Line[]): string[][] {
  const widest = group.reduce((best, line) => (line.cells.length > best.cells.length ? line : best))
  const columns = widest.cells.map((cell) => cell.x)
  return group.map((line) => {
    const row = columns.map(() => '')
    for (const cell of line.cells) {
      const distances = columns.map((x) => Math.abs(x - cell.x))
      const nearest = distances.indexOf(Math.min(...distances))
      row[nearest] = [row[nearest], cell.text.trim()].filter((text) => text !== '').join(' ')
    }
    return row
  })
}

const rounded = (size: number): number => Math.round(size * 2) / 2

/** The most frequent value, weighted; values are rounded to half points. */
function usual(values: readonly (readonly [value: number, weight: number])[]): number {
  const weights = new Map<number, number>()
  for (const [value, weight] of values) weights.set(rounded(value), (weights.get(rounded(value)) ?? 0) + weight)
  let best = 0
  for (const [value, weight] of weights) if (weight > (weights.get(best) ?? 0)) best = value
  return best
}

function spacings(lines: readonly Line[]): [number, number][] {
  const found: [number, number][] = []
  for (const [i, line] of lines.entries()) {
    const drop = (lines[i - 1]?.y ?? line.y) - line.y
    if (drop > 0 && drop < line.size * 4) found.push([drop, 1])
  }
  return found
}

function headingLevels(lines: readonly Line[], body: number): ReadonlyMap<number, number> {
  const sizes = new Set(lines.map((line) => rounded(line.size)).filter((size) => size >= body * HEADING_FACTOR))
  const ranked = [...sizes].sort((a, b) => b - a)
  return new Map(ranked.map((size, i) => [size, Math.min(i + 1, MAX_HEADING_LEVEL)]))
}

/**
 * The same line at the same edge of most pages is no part of the text. Page numbers may differ in it. Headings stay,
 * and so does all that a page has.
 */
function dropRunningLines(pages: readonly Page[], headingSize: number): void {
  if (pages.length < 3) return
  const seen = new Map<string, number>()
  for (const page of pages)
    for (const keys of edgeKeys(page).values()) for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1)
  const many = Math.max(3, pages.length * 0.6)
  for (const page of pages) {
    const edges = edgeKeys(page)
    const kept = page.lines.filter((line) => {
      const runs = [...(edges.get(line) ?? [])].some((key) => (seen.get(key) ?? 0) >= many)
      return !runs || line.size >= headingSize
    })
    if (kept.length > 0) page.lines = kept
  }
}

/** What identifies a line at an edge of its page: as it is, and with its first or last number as a page number. */
function edgeKeys(page: Page): Map<Line, Set<string>> {
  const byHeight = [...page.lines].sort((a, b) => b.y - a.y)
  const keys = new Map<Line, Set<string>>()
  const note = (edge: string, lines: readonly Line[]) => {
    for (const [i, line] of lines.entries()) {
      const text = lineText(line)
      const counted = (number: string) => `#${Number(number) - page.number}`
      const variants = [text, text.replace(/\d+/, counted), text.replace(/\d+(?=\D*$)/, counted)]
      keys.set(line, new Set(variants.map((variant) => `${edge}${i} ${variant}`)))
    }
  }
  note('top', byHeight.slice(0, EDGE_LINES))
  note('end', byHeight.slice(-EDGE_LINES).reverse())
  return keys
}
