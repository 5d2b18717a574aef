import { AppError } from '../../base/errors.ts'
import type { Limits } from './types.ts'

export const DEFAULT_LIMITS: Readonly<Limits> = {
  inputBytes: 100 * 1024 ** 2,
  rows: 1_000_000,
  pages: 2_000,
  zipRatio: 200,
  unzippedBytes: 512 * 1024 ** 2,
  chars: 200_000_000,
  depth: 500,
  timeoutMs: 600_000,
  memoryBytes: 1024 ** 3,
}

/** The defaults with what the caller overrides. Throws `invalid_argument` unless every limit is a positive integer. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const limits = { ...DEFAULT_LIMITS }
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]) {
    const value = given[name]
    if (value === undefined) continue
    if (!Number.isSafeInteger(value) || value < 1)
      throw new AppError('invalid_argument', `the document limit ${name} must be a positive whole number`)
    limits[name] = value
  }
  return limits
}
