import { totalmem } from 'node:os'
import { AppError } from '../../base/errors.ts'
import type { Limits } from './types.ts'

const MIB = 1024 ** 2

/** What a document may use on this machine: a quarter of its memory, between 256 MiB and 1 GiB. */
function memoryBytes(): number {
  const constrained = process.constrainedMemory()
  const total = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return Math.min(1024, Math.max(256, Math.floor(total / MIB / 4))) * MIB
}

const DEFAULT_LIMITS: Readonly<Omit<Limits, 'memoryBytes'>> = {
  inputBytes: 100 * MIB,
  rows: 1_000_000,
  pages: 2_000,
  zipRatio: 200,
  unzippedBytes: 512 * MIB,
  chars: 200_000_000,
  depth: 500,
  timeoutMs: 600_000,
}

/** The defaults with what the caller overrides. Throws `invalid_argument` unless every limit is a positive integer. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const limits = { ...DEFAULT_LIMITS, memoryBytes: memoryBytes() }
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    const value = given[name]
    if (value === undefined) continue
    if (!Number.isSafeInteger(value) || value < 1)
      throw new AppError('invalid_argument', `the document limit ${name} must be a positive whole number`)
    limits[name] = value
  }
  return limits
}
