import { type AnswerKind, kindOf } from './kinds.ts'
import { termsOf } from './terms.ts'

export type Language = 'en' | 'zh' | 'ja' | 'th'

export type Question = {
  language: Language
  kind: AnswerKind
  /** What is looked for, each with how much it counts (1, less for what only an earlier question named). */
  terms: ReadonlyMap<string, number>
  /** The terms in the order of the question. */
  order: readonly string[]
  /** The terms that only say what kind of thing is asked for: a sentence that holds one need not repeat them. */
  kindTerms: ReadonlySet<string>
  /** The terms that are names, as far as capitals tell. */
  names: ReadonlySet<string>
}

/** The language that a text is mostly written in, as far as the fixed phrases differ by it. */
export function languageOf(text: string): Language {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja'
  if (/\p{Script=Thai}/u.test(text)) return 'th'
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0
  const words = text.match(/[a-z]{2,}/gi)?.length ?? 0
  return han > 0 && han >= words ? 'zh' : 'en'
}

/** Words that point back to what was said before. */
const POINTS_BACK =
  /\b(?:it|its|that|this|they|them|those|these|he|she|there|same)\b|^\s*(?:and|what about|how about)\b|它|他们|她|那|这个|それ|その|あれ|นั้น|มัน/i

/** Verbs and adjectives that fit nearly any question. */
const GENERIC: ReadonlySet<string> = new Set(
  termsOf(
    'make use need want take go work new current currently now today exactly mean happen company 公司 可以 需要 使用',
  ),
)

/** How much a term counts that the question itself has. A single character of Chinese is half a word. */
const countOf = (term: string): number =>
  GENERIC.has(term) ? 0.4 : term.length === 1 && /\p{Script=Han}/u.test(term) ? 0.4 : 1

/** Capitalised words behind the first one, and words with capitals inside. */
function namesIn(text: string): ReadonlySet<string> {
  const words = text.match(/(?<=\S\s+)\p{Lu}[\p{L}\p{N}]+|\p{L}+\p{Lu}\p{L}*/gu) ?? []
  return new Set(words.flatMap(termsOf))
}

/** Reads a question; the one before it lends its terms when this one leans on it. */
export function readQuestion(text: string, before = ''): Question {
  const order = termsOf(text)
  const terms = new Map(order.map((term) => [term, countOf(term)]))
  if (terms.size < 2 || POINTS_BACK.test(text))
    for (const term of termsOf(before)) if (!terms.has(term)) terms.set(term, 0.4 * countOf(term))
  const { kind, words } = kindOf(text)
  return { language: languageOf(text), kind, terms, order, kindTerms: new Set(termsOf(words)), names: namesIn(text) }
}
