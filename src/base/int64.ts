const MIN = -(2n ** 63n)
const MAX = 2n ** 63n - 1n

/** Whether an integer fits into 64 bits with a sign. */
export const isInt64 = (value: bigint): boolean => value >= MIN && value <= MAX

/** The 64-bit integer that a text is in canonical decimal form, or `undefined`: "+1", "01", " 1" and "-0" aren't. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return undefined
  const value = BigInt(text)
  return isInt64(value) ? value : undefined
}
