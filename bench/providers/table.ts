import type { Figure } from './contest.ts'

/** One figure on both sides, or why there is none. */
export type Comparison =
  | { name: string; rival: string; unit: Figure['unit']; embedded: number; external: number }
  | { name: string; rival: string; skipped: string }

/** Puts the figures of the same name beside each other. */
export function compare(rival: string, embedded: readonly Figure[], external: readonly Figure[]): Comparison[] {
  return embedded.flatMap(({ name, value, unit }) => {
    const other = external.find((figure) => figure.name === name)
    return other === undefined ? [] : [{ name, rival, unit, embedded: value, external: other.value }]
  })
}

/** How many times the embedded provider is better: of times the smaller, of rates the greater. */
export const ratioOf = ({ unit, embedded, external }: Extract<Comparison, { unit: string }>): number =>
  unit === 'ms' ? external / embedded : embedded / external

const format = (value: number): string =>
  (value >= 100 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString('en-US')

/** A table for a terminal; a ratio over 1 is a win of the embedded provider. */
export function formatComparisons(rows: readonly Comparison[]): string {
  const cells = rows.map((row) =>
    'skipped' in row
      ? [row.name, '', row.rival, '', `skipped: ${row.skipped}`]
      : [
          row.name,
          `${format(row.embedded)} ${row.unit}`,
          row.rival,
          `${format(row.external)} ${row.unit}`,
          `${format(ratioOf(row))}×${ratioOf(row) < 1 ? '  external wins' : ''}`,
        ],
  )
  const head = ['what', 'embedded', 'against', 'measured', 'embedded is better by']
  const widths = head.map((title, i) =>
    i === head.length - 1 ? title.length : Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 1 || i === 3 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [head, widths.map((width) => '-'.repeat(width)), ...cells].map(line).join('\n')
}
