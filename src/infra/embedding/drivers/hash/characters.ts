/** How a UTF-16 unit is read. Fixed ranges instead of Unicode properties, so that vectors outlive a runtime. */
export const BREAK = 0
/** Part of a word that blanks delimit. */
export const WORD = 1
/** A character of a script without blanks between words; a surrogate counts as one. */
export const DENSE = 2

const DENSE_RANGES: readonly [from: number, to: number][] = [
  [0x0e01, 0x0e3a], // Thai
  [0x0e40, 0x0e4e],
  [0x0e50, 0x0eff], // Thai digits, Lao
  [0x1000, 0x109f], // Burmese
  [0x1780, 0x17b3], // Khmer
  [0x17b6, 0x17d3],
  [0x3005, 0x3007],
  [0x3041, 0x3096], // Hiragana
  [0x30a1, 0x30fa], // Katakana
  [0x30fc, 0x30fe],
  [0x3105, 0x312f], // Bopomofo
  [0x3400, 0x4dbf], // Han
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3], // Hangul
  [0xd800, 0xdfff],
  [0xf900, 0xfaff],
]
const BREAK_RANGES: readonly [from: number, to: number][] = [
  [0x0000, 0x002f],
  [0x003a, 0x0040],
  [0x005b, 0x0060],
  [0x007b, 0x00a9],
  [0x00ab, 0x00b4],
  [0x00b6, 0x00b9],
  [0x00bb, 0x00bf],
  [0x00d7, 0x00d7],
  [0x00f7, 0x00f7],
  [0x02b0, 0x02ff],
  [0x0600, 0x061f], // Arabic punctuation
  [0x066a, 0x066d],
  [0x0964, 0x0965], // danda
  [0x2000, 0x206f],
  [0x20a0, 0x20cf],
  [0x2100, 0x214f],
  [0x2190, 0x2bff],
  [0x2e00, 0x2fff],
  [0x3000, 0x303f],
  [0xe000, 0xf8ff],
  [0xfe00, 0xfe6f],
  [0xfeff, 0xff0f],
  [0xff1a, 0xff20],
  [0xff3b, 0xff40],
  [0xff5b, 0xff65],
  [0xffe0, 0xffff],
]

/** The kind of every UTF-16 unit: 64 KiB. */
export function characterKinds(): Uint8Array {
  const kinds = new Uint8Array(65_536).fill(WORD)
  for (const [from, to] of BREAK_RANGES) kinds.fill(BREAK, from, to + 1)
  for (const [from, to] of DENSE_RANGES) kinds.fill(DENSE, from, to + 1)
  return kinds
}
