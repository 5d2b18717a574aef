import type { IndexSpec, Match } from '../../driver.ts'
import type { Json } from './http.ts'
import { columnOf, lengthOf } from './layout.ts'

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

/** What BM25 counts, of one field of one logical index: documents that live, their words, and who holds each word. */
export type FieldCounts = { documents: number; words: number; holders: ReadonlyMap<string, number> }

type CountsAnswer = Readonly<Record<string, { count?: number; sum?: number; buckets?: { doc_count: number }[] }>>

/** Asks for the counts, which the server's own BM25 would take from the index that all share, deleted documents included. */
export function countsQuery(uid: string, fields: readonly string[], words: readonly string[]): Json {
  const aggs: Record<string, Json> = {}
  for (const [i, field] of fields.entries()) {
    aggs[`n${i}`] = { stats: { field: lengthOf(field) } }
    const filters = words.map((word) => ({ term: { [columnOf(field, 'text')]: word } }))
    aggs[`w${i}`] = { filters: { filters } }
  }
  return { size: 0, track_total_hits: false, query: { bool: { filter: [{ term: { ix: uid } }] } }, aggs }
}

export function countsIn(answer: CountsAnswer, fields: readonly string[], words: readonly string[]): FieldCounts[] {
  return fields.map((_field, i) => ({
    documents: answer[`n${i}`]?.count ?? 0,
    words: answer[`n${i}`]?.sum ?? 0,
    holders: new Map(words.map((word, w) => [word, answer[`w${i}`]?.buckets?.[w]?.doc_count ?? 0])),
  }))
}

/**
 * BM25 as Lucene has it, by counts of our own: per word a script over its frequency and the exact length. `undefined`
 * when nothing can match. Of a question with very many words the rarest count.
 */
export function rankingQuery(match: Match, counts: readonly FieldCounts[]): Json | undefined {
  const weights = weightsOf(match)
  const least = match.operator === 'and' ? weights.size : 1
  const most = Math.floor(MAX_CLAUSES / match.fields.length)
  const fields = match.fields.flatMap((field, i): Json[] => {
    const { documents, words, holders } = counts[i] ?? { documents: 0, words: 0, holders: new Map<string, number>() }
    const known = [...weights].flatMap(([word, weight]) => {
      const held = holders.get(word) ?? 0
      if (held === 0) return []
      // Where a write came between the counts of one shard and another, a word may have more holders than documents.
      const idf = Math.log(1 + (Math.max(documents, held) - held + 0.5) / (held + 0.5))
      return [{ word, scale: weight * idf * (K1 + 1) }]
    })
    if (known.length < least) return []
    known.sort((a, b) => b.scale - a.scale)
    const perWord = words === 0 ? 0 : (K1 * B * documents) / words
    const should = known.slice(0, most).map(({ word, scale }) => wordQuery(field, word, scale, perWord))
    return [{ bool: { should, minimum_should_match: Math.min(least, should.length) } }]
  })
  return fields.length === 0 ? undefined : { dis_max: { queries: fields, tie_breaker: 0 } }
}

const SCRIPT = 'double tf = _score; return params.s * tf / (tf + params.b + params.w * doc[params.n].value);'

function wordQuery(field: string, word: string, scale: number, perWord: number): Json {
  const params = { s: scale, b: K1 * (1 - B), w: perWord, n: lengthOf(field) }
  return {
    script_score: { query: { term: { [columnOf(field, 'text')]: word } }, script: { source: SCRIPT, params } },
  }
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
