import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

/** One measured figure, beside what it is compared with in the same run and what we aim for. */
export type Row = {
  name: string
  value: number
  unit: string
  /** The alternative measured in the same run. */
  against?: { name: string; value: number }
  /** The aim, as text: "≤ 25 ms". */
  aim?: string
}

export type Scenario = { name: string; run(log: (text: string) => void): Promise<Row[]> }

const round = (value: number): number => (value >= 100 ? Math.round(value) : Math.round(value * 100) / 100)
const format = (value: number): string => round(value).toLocaleString('en-US')

/** The rows as a table for a terminal. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    `${format(row.value)} ${row.unit}`,
    row.aim ?? '',
    row.against === undefined
      ? ''
      : `${row.against.name}: ${format(row.against.value)} ${row.unit} (${format(row.value / row.against.value)}×)`,
  ])
  const head = ['what', 'measured', 'aim', 'beside it, in the same run']
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)))
  return [head, widths.map((width) => '-'.repeat(width)), ...cells]
    .map((row) =>
      row.map((cell, i) => (i === 1 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  '),
    )
    .join('\n')
}

/** Stores the rows under bench/results and returns the file's name. */
export function storeResults(rows: readonly Row[]): string {
  const folder = new URL('./results/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const measuredAt = new Date().toISOString()
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), node: process.version }
  const file = `${measuredAt.replaceAll(':', '-').slice(0, 19)}.json`
  writeFileSync(new URL(file, folder), `${JSON.stringify({ measuredAt, machine, rows }, null, 2)}\n`)
  return `bench/results/${file}`
}

/** The value below which the share `p` of the samples lies. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN
}

/** Runs `call` for at least `durationMs` after a warm-up and returns calls per second. */
export async function rate(call: (i: number) => unknown, durationMs = 1_000): Promise<number> {
  for (let i = 0; i < 50; i++) await call(i)
  const startedMs = performance.now()
  let calls = 0
  while (performance.now() - startedMs < durationMs) for (let i = 0; i < 20; i++) await call(calls++)
  return (calls * 1000) / (performance.now() - startedMs)
}
