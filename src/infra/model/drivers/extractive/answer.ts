import type { Passage } from '../../driver.ts'
import { PHRASES } from './phrases.ts'
import { type Question, readQuestion } from './question.ts'
import { type Candidate, type Reading, rankSentences, readPassages } from './rank.ts'
import type { Sentence } from './sentences.ts'
import type { Synonyms } from './synonyms.ts'

/** What came out: the sentences that answer, and the quotes they stand on. */
export type Answer = {
  text: string
  sources: { number: number; document: string; quote: string }[]
}

/** A sentence that covers less of the question than this is a neighbour, not an answer. */
const ANSWERS_FROM = 0.4
const MAX_SENTENCES = 3
const MAX_ANSWER_CHARS = 600
const MAX_QUOTES = 3
const MAX_QUOTE_WIDTH = 260
/** A passage that the answer does not come from is worth a quote from this share of the best score. */
const ALSO_FROM = 0.6
const MAX_LIST_ITEMS = 10
/** A "Yes." needs what comes after it. */
const TOO_SHORT = 12

const POINTS_BACK =
  /^(?:it|its|this|they|these|those|he|she|that|their|such)\b|^(?:它|他|她|这|该|其|此|それ|この|その|これ)/i

/** How alike two sentences are by their terms, 0…1. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((term) => b.has(term)).length
  return common / (Math.min(a.size, b.size) || 1)
}

/** What a single fact does not answer. */
const WIDE_KINDS: ReadonlySet<string> = new Set(['other', 'reason', 'procedure', 'definition'])

/** The one to three sentences that answer together: the best, then what adds to it without repeating it. */
function choose(question: Question, ranked: readonly Candidate[]): Candidate[] {
  const [best] = ranked
  if (best === undefined) return []
  const chosen = [best]
  let chars = best.text.length
  const wide = WIDE_KINDS.has(question.kind)
  for (const next of ranked.slice(1, 12)) {
    if (chosen.length === MAX_SENTENCES) break
    const adds = [...question.terms.keys()].some(
      (term) => next.terms.has(term) && !chosen.some((candidate) => candidate.terms.has(term)),
    )
    const close = next.score >= best.score * (adds ? 0.6 : wide ? 0.75 : 0.92)
    const repeats = chosen.some((candidate) => overlap(candidate.terms, next.terms) > 0.7)
    if (!close || repeats || chars + next.text.length > MAX_ANSWER_CHARS) continue
    chosen.push(next)
    chars += next.text.length
  }
  return chosen
}

/** What must be read with a sentence: the one before it when it leans back, the list that it announces or is in. */
function withContext(question: Question, candidate: Candidate, readings: readonly Reading[]): Sentence[] {
  const sentences = readings[candidate.passage]?.sentences ?? []
  const before = sentences[candidate.at - 1]
  const out: Sentence[] = []
  if (before && !before.isHeading && !before.isQuestion && POINTS_BACK.test(candidate.text) && before.text.length < 240)
    out.push(before)
  out.push(candidate)
  const after = sentences[candidate.at + 1]
  if (widthOf(candidate.text) < TOO_SHORT && after && !after.isHeading && !after.isQuestion && !after.isListItem)
    out.push(after)
  const announces = /[:：]$/.test(candidate.text)
  const isStep = candidate.isListItem && question.kind === 'procedure'
  if (isStep) for (let i = candidate.at - 1; sentences[i]?.isListItem; i--) out.unshift(sentences[i] as Sentence)
  if (announces || isStep)
    for (const next of sentences.slice(candidate.at + 1)) {
      if (!next.isListItem || out.length > MAX_LIST_ITEMS) break
      out.push(next)
    }
  return out
}

/** How much room a text takes: a character of the dense scripts as much as two others. */
const widthOf = (text: string): number => text.length + (text.match(WIDE)?.length ?? 0)
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu

/** The part of a passage round a sentence, on whole sentences where they fit, within its heading. */
function quote(sentences: readonly Sentence[], at: number): string {
  const middle = sentences[at]
  if (middle === undefined) return ''
  let [from, to] = [at, at]
  let width = widthOf(middle.text)
  for (let grown = true; grown; ) {
    grown = false
    for (const i of [to + 1, from - 1]) {
      const next = sentences[i]
      if (next === undefined || next.isHeading || width + widthOf(next.text) > MAX_QUOTE_WIDTH) continue
      width += widthOf(next.text) + 1
      if (i > to) to = i
      else from = i
      grown = true
    }
  }
  const all = sentences.slice(from, to + 1).reduce((text, { text: next }) => glue(text, next), '')
  return `${from > 0 ? '… ' : ''}${all}${to < sentences.length - 1 ? ' …' : ''}`.replace(/\s+/g, ' ')
}

/** Two sentences in a row, with a blank between where the script has one. */
const glue = (before: string, after: string): string =>
  needsBlank(before, after) ? `${before} ${after}` : before + after

const needsBlank = (before: string, after: string): boolean =>
  before !== '' && !(/[。！？；、，」』）]$/.test(before) && /^\P{ASCII}/u.test(after))

/** Whether question and passages are written in different scripts, so that words cannot meet. */
function scriptsDiffer(question: string, passages: readonly Passage[]): boolean {
  const cjk = (text: string) =>
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Hangul}]/u.test(text)
  return passages.every((passage) => cjk(passage.content.slice(0, 400)) !== cjk(question))
}

/**
 * Answers a question from recalled passages, best first, with their own sentences. `before` is the question asked
 * before, if any. `passages` undefined means that there is no knowledge at all.
 */
export function answer(
  text: string,
  before: string,
  passages: readonly Passage[] | undefined,
  synonyms: Synonyms,
): Answer {
  const question = readQuestion(text, before)
  const phrases = PHRASES[question.language]
  if (passages === undefined) return { text: phrases.noModel, sources: [] }
  const readings = readPassages(passages)
  const ranked = question.kind === 'summary' ? leads(readings) : rankSentences(question, readings, synonyms)
  const best = ranked[0]
  if (best === undefined && !scriptsDiffer(text, passages)) return { text: phrases.nothing, sources: [] }
  if (passages.length === 0) return { text: phrases.nothing, sources: [] }

  const answers = best !== undefined && best.coverage >= ANSWERS_FROM
  const chosen = !answers ? [] : question.kind === 'summary' ? ranked.slice(0, MAX_SENTENCES) : choose(question, ranked)
  const places = new Map<number, number>()
  for (const { passage, at, score } of [...chosen, ...ranked]) {
    if (places.size === MAX_QUOTES || (answers && score < best.score * ALSO_FROM)) break
    if (!places.has(passage)) places.set(passage, at)
  }
  if (best === undefined) for (const i of passages.keys()) if (places.size < MAX_QUOTES) places.set(i, 0)
  const numbers = new Map([...places.keys()].map((passage, i) => [passage, i + 1]))
  const sources = [...places].map(([passage, at], i) => ({
    number: i + 1,
    document: (passages[passage]?.documentName ?? '').replace(/[\p{Cc}\s]+/gu, ' ').trim(),
    quote: quote(readings[passage]?.sentences ?? [], at),
  }))
  if (!answers) return { text: phrases.closest, sources }
  const told = new Set<string>()
  const lines = chosen.map((candidate) => {
    const parts = withContext(question, candidate, readings).filter(({ text }) => !told.has(text))
    for (const part of parts) told.add(part.text)
    const written = parts.reduce((all, { text: next, isListItem }) => {
      if (!isListItem) return glue(all, next)
      // A list keeps its marks; a single item of it is a sentence.
      return all === '' ? (parts.length === 1 ? next.replace(/^[-*•·▪–]\s+/, '') : next) : `${all}\n${next}`
    }, '')
    return written === '' ? '' : `${written} [${numbers.get(candidate.passage)}]`
  })
  return { text: lines.filter((line) => line !== '').join('\n'), sources }
}

/** For "what is this about": the opening sentence of each passage. */
function leads(readings: readonly Reading[]): Candidate[] {
  return readings.flatMap(({ sentences }, passage) => {
    const first =
      sentences.find(({ isHeading, isQuestion, text }) => !isHeading && !isQuestion && text.length > 20) ?? sentences[0]
    return first === undefined ? [] : [{ ...first, passage, score: 1, coverage: 1, terms: new Set<string>() }]
  })
}

/** The answer as text: the sentences, then every quote under its number and the name of its document. */
export function writeAnswer({ text, sources }: Answer, question: string): string {
  if (sources.length === 0) return text
  const quotes = sources.map(({ number, document, quote }) => `[${number}] ${document}\n> ${quote}`)
  const title = text.includes('[1]') ? `${PHRASES[readQuestion(question).language].sources}\n\n` : ''
  return `${text}\n\n${title}${quotes.join('\n\n')}`
}
