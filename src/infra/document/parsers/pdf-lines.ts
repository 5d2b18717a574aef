/** What pdf.js says about one run of text; `transform` is [a, b, c, d, x, y], y grows upwards. */
export type TextRun = { str: string; transform: readonly number[]; width: number; height: number; hasEOL: boolean }

/** One printed line, cut into cells at gaps too wide for a space. Lengths in points. */
export type Line = { cells: Cell[]; x: number; endX: number; y: number; size: number }
export type Cell = { text: string; x: number }

/** In units of the font size. */
const CELL_GAP = 1.5
const SPACE_GAP = 0.2
/** Scripts that put no spaces between words. */
const UNSPACED = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\u{20000}-\u{3ffff}]/u

/** Puts the runs of a page together to lines, in the order in which the page draws them. */
export function linesOf(runs: readonly TextRun[]): Line[] {
  const lines: Line[] = []
  let line: Line | undefined
  let gap = 0
  for (const run of runs) {
    const size = Math.hypot(run.transform[2] ?? 0, run.transform[3] ?? 0) || run.height || 1
    const x = run.transform[4] ?? 0
    const y = run.transform[5] ?? 0
    if (run.str.trim() === '') {
      gap = Math.max(gap, run.width)
      if (run.str !== '') gap = Math.max(gap, size * SPACE_GAP * 1.01)
    } else {
      if (line !== undefined && Math.abs(y - line.y) > Math.max(size, line.size) * 0.6) line = undefined
      if (line === undefined) {
        line = { cells: [{ text: run.str, x }], x, endX: x + run.width, y, size }
        lines.push(line)
      } else append(line, run.str, x, Math.max(gap, x - line.endX), size, run.width)
      gap = 0
    }
    if (run.hasEOL) {
      line = undefined
      gap = 0
    }
  }
  return lines
}

function append(line: Line, text: string, x: number, gap: number, size: number, width: number): void {
  const cell = line.cells.at(-1)
  if (cell === undefined || gap > size * CELL_GAP) line.cells.push({ text, x })
  else cell.text = gap > size * SPACE_GAP ? joinWords(cell.text, text) : cell.text + text
  line.endX = x + width
  if (text.length > 2) line.size = Math.max(line.size, size)
}

/** Joins with a space, except between characters of scripts that have none. */
export function joinWords(left: string, right: string): string {
  if (left === '' || right === '' || /\s$/.test(left) || /^\s/.test(right)) return left + right
  const unspaced = UNSPACED.test(left.slice(-1)) && UNSPACED.test(String.fromCodePoint(right.codePointAt(0) ?? 32))
  return unspaced ? left + right : `${left} ${right}`
}

/** Joins two lines of a paragraph: a word that was broken with a hyphen becomes whole again. */
export function joinLines(above: string, below: string): string {
  return isBrokenWord(above, below) ? above.slice(0, -1) + below : joinWords(above, below)
}

export const lineText = (line: Line): string => line.cells.map((cell) => cell.text.trim()).join('  ')

/** A word goes on in the next line. */
export const isBrokenWord = (above: string, below: string): boolean => /\p{L}-$/u.test(above) && /^\p{Ll}/u.test(below)
