/** One word of a text and where it stands in the original, in UTF-16 units: for highlighting. */
export type WordSpan = { word: string; start: number; end: number }

/** Marks belong to words: without `\p{M}` Thai is cut at every vowel sign. */
const WORD = /[\p{L}\p{N}\p{M}]+/gu
/** Scripts written without spaces between words; a run of them is left to the dictionary segmenter. */
const UNSPACED = '\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}'
const HAS_UNSPACED = new RegExp(`[${UNSPACED}]`, 'u')
const RUNS = new RegExp(`[${UNSPACED}]+|[^${UNSPACED}]+`, 'gu')
const HAN = /\p{Script=Han}/u
const HAN_EACH = /\p{Script=Han}/gu
const ASCII = /^[\0-\x7f]*$/
/** Longer words are cut, so that a page of base64 is not a page of dictionary. UTF-16 units. */
const MAX_WORD_LENGTH = 128

/**
 * The one analysis of documents and queries: words by Unicode rules, dictionary words inside Han, Kana, Thai,
 * Lao, Khmer and Myanmar runs, NFKC, lower-cased; no stemming, no stop words. A Han word of several characters
 * also gives its characters, so that a query finds it although the dictionary cuts the two differently.
 */
export class Analyzer {
  #segmenter: Intl.Segmenter | undefined

  /** The words of a text in order, repeated as they repeat. */
  words(text: string): string[] {
    const words: string[] = []
    this.#each(text, (word) => words.push(word))
    return words
  }

  /** The same words with their places. Characters of a Han word have the place of the character. */
  spans(text: string): WordSpan[] {
    const spans: WordSpan[] = []
    this.#each(text, (word, start, end) => spans.push({ word, start, end }))
    return spans
  }

  #each(text: string, emit: (word: string, start: number, end: number) => void): void {
    for (const match of text.matchAll(WORD)) {
      const start = match.index
      const end = start + match[0].length
      if (ASCII.test(match[0])) {
        emit(cut(match[0].toLowerCase()), start, end)
      } else if (!HAS_UNSPACED.test(match[0])) {
        emitNormal(match[0], start, end, emit)
      } else {
        for (const run of match[0].matchAll(RUNS)) {
          const at = start + run.index
          if (HAS_UNSPACED.test(run[0])) this.#segment(run[0], at, emit)
          else emitNormal(run[0], at, at + run[0].length, emit)
        }
      }
    }
  }

  #segment(run: string, at: number, emit: (word: string, start: number, end: number) => void): void {
    // Made on first use: loading the dictionaries takes some milliseconds that most processes never need.
    this.#segmenter ??= new Intl.Segmenter('und', { granularity: 'word' })
    for (const { segment, index, isWordLike } of this.#segmenter.segment(run)) {
      if (!isWordLike && !HAN.test(segment)) continue
      const start = at + index
      emitNormal(segment, start, start + segment.length, emit)
      if (segment.length < 2 || !HAN.test(segment)) continue
      for (const char of segment.matchAll(HAN_EACH)) {
        if (char[0].length === segment.length) continue
        emitNormal(char[0], start + char.index, start + char.index + char[0].length, emit)
      }
    }
  }
}

/** Compatibility forms may hide several words or none ("½" is "1⁄2"), so the normal form is cut once more. */
function emitNormal(
  raw: string,
  start: number,
  end: number,
  emit: (word: string, start: number, end: number) => void,
): void {
  const normal = raw.normalize('NFKC').toLowerCase()
  for (const match of normal.matchAll(WORD)) emit(cut(match[0]), start, end)
}

/** Never leaves half a surrogate pair, which no database keeps. */
const cut = (word: string): string =>
  word.length <= MAX_WORD_LENGTH ? word : word.slice(0, MAX_WORD_LENGTH).toWellFormed()
