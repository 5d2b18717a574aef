/** A repeatable generator of numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const SYLLABLES = [
  'ka',
  'lo',
  'min',
  'ter',
  'sa',
  'ro',
  've',
  'din',
  'pol',
  'fra',
  'gu',
  'nes',
  'tri',
  'bel',
  'cor',
  'ash',
]

/** The word of a rank: the same for every run, no two ranks alike. */
function wordOf(rank: number): string {
  let word = ''
  for (let rest = rank + 1; rest > 0; rest = Math.floor(rest / SYLLABLES.length))
    word += SYLLABLES[rest % SYLLABLES.length]
  return word
}

/** Text whose words are as unevenly frequent as those of real text (Zipf), from a vocabulary of 50,000. */
export class Corpus {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = random(seed)
  }

  word(): string {
    return wordOf(Math.min(49_999, Math.floor(1 / (this.#random() + 0.00002)) - 1 + Math.floor(this.#random() * 8)))
  }

  text(words: number): string {
    let out = this.word()
    for (let i = 1; i < words; i++) out += (i % 12 === 0 ? '. ' : ' ') + this.word()
    return `${out}.`
  }
}
