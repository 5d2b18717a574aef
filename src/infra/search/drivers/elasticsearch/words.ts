/** So often a word stands in a field until its frequency is kept in steps. */
const EXACT = 24
const STEP = 1.1
/** Up to here every ranking looks for each frequency; beyond, only for words that some document has more often. */
export const USUAL = 4

/** How often a word stands in a field, as it is kept: exactly up to 24, then in steps of a tenth. */
export function stepOf(frequency: number): number {
  if (frequency <= EXACT) return frequency
  return Math.round(EXACT * STEP ** Math.round(Math.log(frequency / EXACT) / Math.log(STEP)))
}

/** Every step above the usual ones that a field of so many words can have. */
export function unusualSteps(longest: number): number[] {
  const steps: number[] = []
  for (let step = USUAL + 1; step <= Math.min(EXACT, longest); step++) steps.push(step)
  for (let k = 1; EXACT * STEP ** (k - 0.5) <= longest; k++) steps.push(Math.round(EXACT * STEP ** k))
  return steps
}

/** The term of a word with its frequency. No word has a ":". */
export const termWith = (word: string, step: number): string => `${word}:${step}`
/** The term of a word that stands more often than usual. */
export const termOften = (word: string): string => `${word}:+`

/** What is indexed of a text: each word once, and once with its frequency, blanks between. */
export function termsOf(words: readonly string[]): string {
  const frequencies = new Map<string, number>()
  for (const word of words) frequencies.set(word, (frequencies.get(word) ?? 0) + 1)
  const terms: string[] = []
  for (const [word, frequency] of frequencies) {
    terms.push(word, termWith(word, stepOf(frequency)))
    if (frequency > USUAL) terms.push(termOften(word))
  }
  return terms.join(' ')
}
