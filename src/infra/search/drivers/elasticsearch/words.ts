/** So often a word stands in a field until its frequency is kept in steps. */
const EXACT = 256
const STEP = 1.01
/** Up to here every ranking looks for each frequency; beyond, only for words that some document has more often. */
export const USUAL = 8
/** What stands for every frequency beyond the usual ones where a question has too many words to look for each. */
export const OFTEN = 12

/** How often a word stands in a field, as it is kept: exactly up to 256, then in steps of a hundredth. */
export function stepOf(frequency: number): number {
  if (frequency <= EXACT) return frequency
  return Math.round(EXACT * STEP ** Math.round(Math.log(frequency / EXACT) / Math.log(STEP)))
}

/** Every step above the usual ones up to the most often that any word stands in a field. */
export function unusualSteps(most: number): number[] {
  const steps: number[] = []
  for (let step = USUAL + 1; step <= Math.min(EXACT, most); step++) steps.push(step)
  for (let k = 1; EXACT * STEP ** (k - 0.5) <= most; k++) steps.push(Math.round(EXACT * STEP ** k))
  return steps
}

/** The term of a word with its frequency. No word has a ":". */
export const termWith = (word: string, step: number): string => `${word}:${step}`
/** The term of a word that stands more often than usual. */
export const termOften = (word: string): string => `${word}:+`

/** What is indexed of a text: each word once, and once with its frequency, blanks between; and the largest of these. */
export function termsOf(words: readonly string[]): { terms: string; most: number } {
  const frequencies = new Map<string, number>()
  for (const word of words) frequencies.set(word, (frequencies.get(word) ?? 0) + 1)
  const terms: string[] = []
  let most = 0
  for (const [word, frequency] of frequencies) {
    terms.push(word, termWith(word, stepOf(frequency)))
    if (frequency > USUAL) terms.push(termOften(word))
    most = Math.max(most, frequency)
  }
  return { terms: terms.join(' '), most }
}
