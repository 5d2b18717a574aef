import { AppError } from '../../base/errors.ts'
import type { ChunkStrategy } from './types.ts'

const MAX_CHARS = 10_000
const MAX_SEPARATOR_CHARS = 100

/** Throws `invalid_argument` naming the field that is out of range. */
export function checkStrategy(strategy: ChunkStrategy): void {
  if (strategy.type === 'custom') {
    checkRange('maxChars', strategy.maxChars, 1, MAX_CHARS)
    checkRange('overlapPercent', strategy.overlapPercent ?? 0, 0, 90)
    if (strategy.separator.length > MAX_SEPARATOR_CHARS)
      throw new AppError('invalid_argument', `separator must not be longer than ${MAX_SEPARATOR_CHARS} characters`)
  } else if (strategy.type === 'heading') {
    checkRange('maxChars', strategy.maxChars ?? MAX_CHARS, 1, MAX_CHARS)
    checkRange('maxDepth', strategy.maxDepth, 1, 6)
  }
}

function checkRange(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new AppError('invalid_argument', `${name} must be a whole number between ${min} and ${max}`)
}
