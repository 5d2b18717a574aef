import { AppError } from './errors.ts'

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const BYTES: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

function parse(text: string, units: Readonly<Record<string, number>>, what: string): number {
  const match = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text.trim().toLowerCase())
  const unit = units[match?.[2] ?? '']
  if (match === null || unit === undefined)
    throw new AppError('invalid_argument', `${what} is a number with a unit (${Object.keys(units).join(', ')})`)
  return Math.floor(Number(match[1]) * unit)
}

/** "500ms", "5s", "10m", "2h", "7d" → milliseconds. */
export const parseDuration = (text: string): number => parse(text, MS, 'a duration')
/** "512b", "64mb", "1gb" → bytes (powers of 1024). */
export const parseSize = (text: string): number => parse(text, BYTES, 'a size')

/** Bytes for a person: 1536 → "1.5 KiB". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  return `${step === 0 ? value : value.toFixed(1)} ${units[step]}`
}
