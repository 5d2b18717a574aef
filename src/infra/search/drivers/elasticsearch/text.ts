import type { IndexSpec, Match } from '../../driver.ts'
import type { Json } from './http.ts'
import { columnOf, lengthOf, mostOf } from './layout.ts'
import { OFTEN, termOften, termWith, USUAL, unusualSteps } from './words.ts'

const K1 = 1.2
const B = 0.75
/** The server bounds the parts of a query, by 1,024 where it has little memory. */
const MAX_CLAUSES = 800

/** The distinct words of a question, each with how often it has it. */
export function weightsOf(match: Match): Map<string, number> {
  const weights = new Map<string, number>()
  for (const word of match.words) weights.set(word, (weights.get(word) ?? 0) + 1)
  return weights
}

/** What BM25 counts, of one field of one logical index. */
export type FieldCounts = {
  /** Documents that have the field. */
  documents: number
  /** All their words, and how many the shortest and the longest have. */
  words: number
  shortest: number
  longest: number
  /** How often any word stands in one document at most. */
  most: number
  /** Per word how many have it, and how many of those more often than usual. */
  holders: ReadonlyMap<string, { all: number; often: number }>
}

type Stats = { count?: number; sum?: number; min?: number | null; max?: number | null }
type CountsAnswer = Readonly<Record<string, Stats & { value?: number | null; buckets?: { doc_count: number }[] }>>

/** Asks for the counts, which the server's own BM25 would take from the index that all share, deleted documents included. */
export function countsQuery(uid: string, fields: readonly string[], words: readonly string[]): Json {
  const aggs: Record<string, Json> = {}
  for (const [i, field] of fields.entries()) {
    const term = (text: string): Json => ({ term: { [columnOf(field, 'text')]: text } })
    aggs[`n${i}`] = { stats: { field: lengthOf(field) } }
    aggs[`m${i}`] = { max: { field: mostOf(field) } }
    aggs[`w${i}`] = { filters: { filters: words.flatMap((word) => [term(word), term(termOften(word))]) } }
  }
  return { size: 0, track_total_hits: false, query: { bool: { filter: [{ term: { ix: uid } }] } }, aggs }
}

export function countsIn(answer: CountsAnswer, fields: readonly string[], words: readonly string[]): FieldCounts[] {
  return fields.map((_field, i) => {
    const { count = 0, sum = 0, min, max } = answer[`n${i}`] ?? {}
    const buckets = answer[`w${i}`]?.buckets ?? []
    const of = (bucket: number): number => buckets[bucket]?.doc_count ?? 0
    return {
      documents: count,
      words: sum,
      shortest: min ?? 0,
      longest: max ?? 0,
      most: answer[`m${i}`]?.value ?? 0,
      holders: new Map(words.map((word, w) => [word, { all: of(2 * w), often: of(2 * w + 1) }])),
    }
  })
}

/**
 * BM25 as Lucene has it, by counts of our own and with exact lengths. `undefined` when nothing can match. Of a question
 * with very many words the rarest count.
 */
export function rankingQuery(match: Match, counts: readonly FieldCounts[]): Json | undefined {
  const fields = match.fields.flatMap((field, i): Json[] => {
    const own = counts[i]
    return own === undefined ? [] : (fieldRanking(match, field, own) ?? [])
  })
  return fields.length === 0 ? undefined : { dis_max: { queries: fields, tie_breaker: 0 } }
}

/** A word with its share of the score. */
type Known = { word: string; scale: number; often: boolean }

function fieldRanking(match: Match, field: string, counts: FieldCounts): Json[] | undefined {
  const weights = weightsOf(match)
  const known = [...weights].flatMap(([word, weight]): Known[] => {
    const { all, often } = counts.holders.get(word) ?? { all: 0, often: 0 }
    if (all === 0) return []
    // Where a write came between the counts of one shard and another, a word may have more holders than documents.
    const idf = Math.log(1 + (Math.max(counts.documents, all) - all + 0.5) / (all + 0.5))
    return [{ word, scale: weight * idf * (K1 + 1), often: often > 0 }]
  })
  if (known.length === 0 || counts.words === 0) return undefined
  if (match.operator === 'and' && known.length < weights.size) return undefined
  known.sort((a, b) => b.scale - a.scale)
  const term = (text: string): Json => ({ term: { [columnOf(field, 'text')]: text } })
  const clauses = Math.floor(MAX_CLAUSES / match.fields.length)
  const should = [...byFrequency(known, counts.most, clauses)].flatMap(([frequency, words]) => {
    const held = words.map((word) => ({ constant_score: { filter: term(word.term), boost: word.scale } }))
    return lengthParts(field, frequency, counts, { bool: { should: held, minimum_should_match: 1 } })
  })
  const every = match.operator === 'and' ? known.map(({ word }) => term(word)) : []
  return [{ bool: { filter: every, should, minimum_should_match: 1 } }]
}

type Sought = { term: string; scale: number }

/** Which terms to look for, by the frequency that they stand for; so many in all. The rarest words come first. */
function byFrequency(known: readonly Known[], most: number, clauses: number): Map<number, Sought[]> {
  const usual = Array.from({ length: Math.min(USUAL, most) }, (_, i) => i + 1)
  const unusual = unusualSteps(most)
  const sought = new Map<number, Sought[]>()
  let left = clauses
  for (const { word, scale, often } of known) {
    const fits = left >= usual.length + unusual.length
    const steps = often && fits ? [...usual, ...unusual] : usual
    const terms = steps.map((step): [number, string] => [step, termWith(word, step)])
    if (often && !fits) terms.push([OFTEN, termOften(word)])
    left -= terms.length
    if (left < 0) break
    for (const [step, term] of terms) sought.set(step, [...(sought.get(step) ?? []), { term, scale }])
  }
  return sought
}

/**
 * 1/x for x from 1 to 8 as a sum of weights times exp(-rate·x), to within 2.1e-8 of its value: what the server can add
 * up by its decay functions, where it cannot divide without a script.
 */
const INVERSE: readonly { rate: number; weight: number }[] = [
  { rate: 0.029140076660511896, weight: 0.06597039489418083 },
  { rate: 0.1184893338771444, weight: 0.1295266995053741 },
  { rate: 0.3404208363650627, weight: 0.3273230608768493 },
  { rate: 0.7883361769187445, weight: 0.5785938240883516 },
  { rate: 1.5288122840057892, weight: 0.9246811726166871 },
  { rate: 2.7016890346863924, weight: 1.465849134451532 },
  { rate: 4.5926303899714345, weight: 2.4144567027077906 },
  { rate: 7.883040057776377, weight: 4.508947569798112 },
]
const INVERSE_UP_TO = 8

/**
 * Multiplies what a query scores by tf / (tf + k1·(1 - b) + k1·b·length/average): a decay function of the length for each
 * exponential. Where lengths differ so much that the sum would not hold for all of them, one part for each span.
 */
function lengthParts(field: string, frequency: number, counts: FieldCounts, query: Json): Json[] {
  const length = lengthOf(field)
  const fixed = frequency + K1 * (1 - B)
  const perWord = (K1 * B * counts.documents) / counts.words
  const least = fixed + perWord * Math.max(counts.shortest, frequency)
  const most = fixed + perWord * Math.max(counts.longest, frequency)
  const parts = Math.max(1, Math.ceil(Math.log(most / least) / Math.log(INVERSE_UP_TO) - 1e-9))
  return Array.from({ length: parts }, (_, part): Json => {
    const unit = least * INVERSE_UP_TO ** part
    const functions = INVERSE.map(({ rate, weight }) => ({
      exp: { [length]: { origin: 0, scale: (Math.LN2 * unit) / (rate * perWord), decay: 0.5 } },
      weight: ((frequency * weight) / unit) * Math.exp((-rate * fixed) / unit),
    }))
    const bounds = {
      ...(part > 0 ? { gte: (unit - fixed) / perWord } : {}),
      ...(part < parts - 1 ? { lt: (unit * INVERSE_UP_TO - fixed) / perWord } : {}),
    }
    const inner = parts === 1 ? query : { bool: { must: [query], filter: [{ range: { [length]: bounds } }] } }
    return { function_score: { query: inner, functions, score_mode: 'sum', boost_mode: 'multiply' } }
  })
}

/** What matches, without a rank. */
export function matchQuery(match: Match, spec: IndexSpec): Json {
  const words = [...weightsOf(match).keys()]
  const known = match.fields.filter((field) => spec.fields[field]?.type === 'text')
  const fields = known.map((field): Json => {
    const terms = words.map((word) => ({ term: { [columnOf(field, 'text')]: word } }))
    if (match.operator === 'and') return { bool: { filter: terms } }
    return { terms: { [columnOf(field, 'text')]: words } }
  })
  return { bool: { should: fields, minimum_should_match: 1 } }
}
