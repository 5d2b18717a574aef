import { AppError } from '../../base/errors.ts'

/** A vector of length 1 in the same direction; a zero vector stays zero. Throws `corrupt` for anything else. */
export function unitVector(values: ArrayLike<number>, dims: number): Float32Array {
  if (values.length !== dims)
    throw new AppError('corrupt', `the embedding provider gave a vector of ${values.length} numbers instead of ${dims}`)
  let squares = 0
  for (let i = 0; i < dims; i++) {
    const value = values[i]
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw new AppError('corrupt', 'the embedding provider gave a vector with a value that is no finite number')
    squares += value * value
  }
  const out = new Float32Array(dims)
  if (squares === 0) return out
  const scale = 1 / Math.sqrt(squares)
  for (let i = 0; i < dims; i++) out[i] = (values[i] ?? 0) * scale
  return out
}

/** At most `maxChars` UTF-16 units from the start, never half a character. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  const code = text.charCodeAt(maxChars - 1)
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? maxChars - 1 : maxChars)
}
