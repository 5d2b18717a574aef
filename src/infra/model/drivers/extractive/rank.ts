import type { Passage } from '../../driver.ts'
import { fitsKind } from './kinds.ts'
import type { Question } from './question.ts'
import { type Sentence, sentencesOf } from './sentences.ts'
import type { Synonyms } from './synonyms.ts'
import { termsOf } from './terms.ts'

/** A sentence that may answer, with its rank. `coverage` is the share of the question found in and round it, 0…1. */
export type Candidate = Sentence & { passage: number; score: number; coverage: number; terms: ReadonlySet<string> }

/** A passage taken apart. */
export type Reading = { passage: Passage; sentences: readonly Sentence[] }

export const readPassages = (passages: readonly Passage[]): Reading[] =>
  passages.map((passage) => ({ passage, sentences: sentencesOf(passage.content) }))

/** How much a term found beside the sentence counts against one in it. A question above it is as good as in it. */
const BESIDE = 0.45
const ASKED_ABOVE = 0.9
/** A term elsewhere in the passage; more when the sentence starts with a word that may stand for it. */
const SAME_PASSAGE = 0.25
const STANDS_FOR = 0.6
const PRONOUN = /^(?:it|its|he|his|she|her|they|their|this|these)\b|^[它他她该其本这]/i
/** A word such as "percentage" in a sentence that holds one. */
const BY_KIND = 0.7
/** What is left of a sentence whose passage lacks a name of the question that other passages have. */
const OTHER_SUBJECT = 0.65
/** How much a word for the same thing counts, and one that only begins alike (a compound, an ending). */
const SYNONYM = 0.75
const ALIKE = 0.6
/** Steps are what a question for the way is after, more than any sentence about it. */
const ANNOUNCES = 1.5
const COUNTED: ReadonlySet<string> = new Set(['number', 'duration', 'money', 'percent'])
const NUMBER_WORD =
  /^(?:\p{N}|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|hundred|thousand)$)/u

/** The place of a passage in the recall counts a little: the search has seen more than the words. */
function passageFactors(readings: readonly Reading[]): number[] {
  const scores = readings.map(({ passage }) => passage.score)
  const best = Math.max(...scores, Number.MIN_VALUE)
  return scores.map((score, i) => 0.75 + 0.2 * Math.max(0, score / best) + 0.05 / (i + 1))
}

/** How surely a term is among others, 0…1: itself, a synonym, or a long word that begins the same. */
function found(term: string, among: ReadonlySet<string>, synonyms: Synonyms): number {
  if (among.has(term)) return 1
  if (synonyms.get(term)?.some((other) => among.has(other))) return SYNONYM
  if (term.length < 6 || !/^[\p{L}]+$/u.test(term)) return 0
  const start = term.slice(0, Math.max(5, Math.ceil(term.length * 0.7)))
  for (const other of among) if (other.startsWith(start) || (other.length > 5 && term.startsWith(other))) return ALIKE
  return 0
}

/** Whether a number stands beside a term of the question: "340 employees", "员工1200人". */
function countsTerm(list: readonly string[], question: Question): boolean {
  return list.some(
    (term, i) =>
      NUMBER_WORD.test(term) &&
      [-2, -1, 1, 2].some((step) => {
        const near = list[i + step]
        return near !== undefined && question.terms.has(near) && !NUMBER_WORD.test(near)
      }),
  )
}

/** The terms of the question that a sentence answers: the nearest one above, at most three sentences away. */
function askedAbove(
  units: readonly { sentence: Sentence; passage: number; terms: ReadonlySet<string> }[],
  i: number,
): ReadonlySet<string> | undefined {
  for (let at = i - 1; at >= i - 3; at--) {
    const unit = units[at]
    if (unit === undefined || unit.passage !== units[i]?.passage || unit.sentence.isHeading) return undefined
    if (unit.sentence.isQuestion) return unit.terms
  }
  return undefined
}

/** Every sentence of the passages that shares a term with the question, best first. */
export function rankSentences(question: Question, readings: readonly Reading[], synonyms: Synonyms): Candidate[] {
  const units = readings.flatMap(({ passage, sentences }, i) => {
    const name = new Set(termsOf(passage.documentName.replace(/[._-]+/g, ' ')))
    return sentences.map((sentence) => {
      const list = termsOf(sentence.text)
      const headed = new Set([...termsOf(sentence.heading), ...name])
      return { sentence, passage: i, list, terms: new Set(list), headed }
    })
  })
  const seenIn = new Map<string, number>()
  for (const unit of units) for (const term of unit.terms) seenIn.set(term, (seenIn.get(term) ?? 0) + 1)
  const weights = [...question.terms].map(([term, counts]) => {
    return { term, weight: counts * Math.log(1 + (units.length + 1) / ((seenIn.get(term) ?? 0) + 0.5)) }
  })
  const total = weights.reduce((sum, { weight }) => sum + weight, 0) || 1
  const pairs = question.order.slice(1).map((term, i) => `${question.order[i]} ${term}`)
  const factors = passageFactors(readings)
  const inPassage = readings.map(
    (_, i) => new Set(units.flatMap((unit) => (unit.passage === i ? [...unit.terms, ...unit.headed] : []))),
  )
  const names = [...question.names].filter((name) => inPassage.some((terms) => terms.has(name)))
  const seen = new Set<string>()
  const out: Candidate[] = []
  for (const [i, { sentence, passage, list, terms, headed }] of units.entries()) {
    const key = list.join(' ')
    if (sentence.isHeading || sentence.isQuestion || seen.has(key)) continue
    const before = units[i - 1]?.passage === passage ? units[i - 1] : undefined
    const asked = askedAbove(units, i) ?? (/[?？]$/.test(sentence.heading) ? headed : NONE)
    const missesName = names.some((name) => !inPassage[passage]?.has(name))
    const subject = missesName ? OTHER_SUBJECT : 1
    const around = PRONOUN.test(sentence.text) ? STANDS_FOR : SAME_PASSAGE
    const steps = question.kind === 'procedure' && /[:：]$/.test(sentence.text) ? ANNOUNCES : 1
    const kind = steps * fitsKind(question.kind, sentence.text)
    let covered = 0
    let touches = false
    for (const { term, weight } of weights) {
      const at = Math.max(
        found(term, terms, synonyms),
        ASKED_ABOVE * found(term, asked, synonyms),
        BESIDE * found(term, headed, synonyms),
        before === undefined ? 0 : BESIDE * found(term, before.terms, synonyms),
      )
      touches ||= at > 0
      const said = kind > 1 && question.kindTerms.has(term) ? BY_KIND : 0
      covered += weight * Math.max(at, said, inPassage[passage]?.has(term) ? around : 0)
    }
    if (!touches) continue
    seen.add(key)
    const coverage = (subject * covered) / total
    const near = pairs.filter((pair) => ` ${key} `.includes(` ${pair} `)).length / (pairs.length || 1)
    const length = list.length < 3 && !sentence.isListItem ? 0.75 : list.length > 60 ? 0.85 : 1
    const counts = COUNTED.has(question.kind) && countsTerm(list, question) ? 1.15 : 1
    const position = 1 - 0.05 * Math.min(1, sentence.at / 20)
    const fit = kind * counts * length * position * (factors[passage] ?? 1)
    out.push({
      ...sentence,
      passage,
      terms,
      score: (coverage + 0.2 * near) * fit,
      coverage: coverage * Math.min(1, kind),
    })
  }
  return out.sort((a, b) => b.score - a.score || a.passage - b.passage || a.at - b.at)
}

const NONE: ReadonlySet<string> = new Set()
