/** How often one text field holds each of its terms. `length` counts its words with repeats. */
export type FieldTerms = { field: number; length: number; terms: readonly { term: number; frequency: number }[] }

/**
 * Packs the analysed words of a document: per text field its number, its length, how many terms, then each term as
 * the distance from the one before and its frequency, all as varints. Terms are numbers of the index's dictionary.
 */
export function packWords(fields: readonly FieldTerms[]): Uint8Array {
  const bytes: number[] = []
  for (const { field, length, terms } of fields) {
    pushVarint(bytes, field)
    pushVarint(bytes, length)
    pushVarint(bytes, terms.length)
    let last = 0
    for (const { term, frequency } of [...terms].sort((a, b) => a.term - b.term)) {
      pushVarint(bytes, term - last)
      pushVarint(bytes, frequency)
      last = term
    }
  }
  return Uint8Array.from(bytes)
}

/** Takes a blob apart without making objects: this runs once per word of an index when it is loaded. */
export function readWords(
  blob: Uint8Array,
  visit: { field(field: number, length: number): void; term(field: number, term: number, frequency: number): void },
): void {
  let at = 0
  const next = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = blob[at++] ?? 0
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < blob.length) {
    const field = next()
    visit.field(field, next())
    let term = 0
    for (let left = next(); left > 0; left--) {
      term += next()
      visit.term(field, term, next())
    }
  }
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}
