import type { Passage } from '../../driver.ts'
import { fitsKind, type Question } from './question.ts'
import { type Sentence, sentencesOf } from './sentences.ts'
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

/** The place of a passage in the recall counts a little: the search has seen more than the words. */
function passageFactor(passages: readonly Passage[], i: number): number {
  const best = Math.max(...passages.map((passage) => passage.score), Number.MIN_VALUE)
  const score = passages[i]?.score ?? 0
  return 0.75 + 0.2 * Math.max(0, score / best) + 0.05 / (i + 1)
}

/** Every sentence of the passages that shares a term with the question, best first. */
export function rankSentences(question: Question, readings: readonly Reading[]): Candidate[] {
  const units = readings.flatMap(({ sentences }, passage) =>
    sentences.map((sentence) => ({ ...sentence, passage, list: termsOf(sentence.text) })),
  )
  const withTerms = units.map((unit) => ({ ...unit, terms: new Set(unit.list) }))
  const seenIn = new Map<string, number>()
  for (const unit of withTerms) for (const term of unit.terms) seenIn.set(term, (seenIn.get(term) ?? 0) + 1)
  const weight = (term: string) =>
    (question.terms.get(term) ?? 0) * Math.log(1 + (withTerms.length + 1) / ((seenIn.get(term) ?? 0) + 0.5))
  const total = [...question.terms.keys()].reduce((sum, term) => sum + weight(term), 0) || 1
  const pairs = question.order.slice(1).map((term, i) => `${question.order[i]} ${term}`)
  const namesOf = readings.map(({ passage }) => new Set(termsOf(passage.documentName.replace(/[._-]+/g, ' '))))
  const seen = new Set<string>()
  const out: Candidate[] = []
  for (const [i, unit] of withTerms.entries()) {
    const key = unit.list.join(' ')
    if (unit.isHeading || unit.isQuestion || seen.has(key)) continue
    const before = withTerms[i - 1]?.passage === unit.passage ? withTerms[i - 1] : undefined
    const heading = new Set(termsOf(unit.heading))
    let inside = 0
    let beside = 0
    for (const term of question.terms.keys()) {
      if (unit.terms.has(term)) inside += weight(term)
      else if (before?.isQuestion && before.terms.has(term)) beside += weight(term) * ASKED_ABOVE
      else if (heading.has(term) || before?.terms.has(term) || namesOf[unit.passage]?.has(term))
        beside += weight(term) * BESIDE
    }
    if (inside + beside === 0) continue
    seen.add(key)
    const coverage = (inside + beside) / total
    const near = pairs.filter((pair) => ` ${key} `.includes(` ${pair} `)).length / (pairs.length || 1)
    const short = unit.list.length < 3 && !unit.isListItem ? 0.75 : unit.list.length > 60 ? 0.85 : 1
    const position = 1 - 0.05 * Math.min(1, unit.at / 20)
    const score =
      (coverage + 0.2 * near) *
      fitsKind(question.kind, unit.text) *
      passageFactor(
        readings.map((reading) => reading.passage),
        unit.passage,
      ) *
      short *
      position
    const { list: _list, ...sentence } = unit
    out.push({ ...sentence, score, coverage })
  }
  return out.sort((a, b) => b.score - a.score || a.passage - b.passage || a.at - b.at)
}
