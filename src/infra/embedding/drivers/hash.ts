import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { AppError } from '../../../base/errors.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { EmbeddingDriver } from '../driver.ts'
import { BREAK, characterKinds, DENSE } from './hash/characters.ts'
import { FeatureCounts, hashRun, hashWord } from './hash/features.ts'

const Params = z.strictObject({
  dims: z.coerce.number().int().min(16).max(8_192).default(256),
})

/** Words that nearly every text has: they would make all texts look alike. */
const COMMON_WORDS =
  'a an the and or but not no of in on at by for to from with as is are was were be been am do does did has have had it its this that these those he she they we you i my your our their his her what which who how when where why will would can could should may must there here if then than so such into about also any all more most some other'
/** Characters that join others in Chinese and Japanese without a subject of their own. */
const COMMON_CHARACTERS =
  '的了是在和与吗呢吧啊把被就都而及或也之其这那有我你他她们のはがをにでともへやかなしてるすまいたです'

/** Weights: a whole word says more than its parts, a pair of characters more than one. */
const WORD_WEIGHT = 1
const COMMON_WEIGHT = 0.1
const TRIGRAM_WEIGHT = 0.3
const FOURGRAM_WEIGHT = 0.35
const SINGLE_WEIGHT = 0.25
const PAIR_WEIGHT = 0.9
const JOINED_WEIGHT = 0.2
const TRIPLE_WEIGHT = 0.4

/** Texts between two turns of the event loop. */
const TEXTS_PER_TURN = 32

/**
 * `hash:?dims=256` – feature hashing: words and runs of 3 and 4 letters, runs of 1 to 3 characters in scripts without
 * blanks, each thrown on one of `dims` places with a sign. Offline, deterministic and fast.
 *
 * It is lexical, not semantic: texts are near when they share words or parts of words, so "car" and "automobile"
 * are strangers.
 */
export async function open(uri: Uri): Promise<EmbeddingDriver> {
  if (uri.path !== '' || uri.hosts.length > 0)
    throw new AppError('invalid_argument', 'hash: takes parameters only, as in hash:?dims=256')
  const { dims } = parseParams(uri, Params)
  const embed = hasher(dims)
  return {
    provider: 'hash',
    model: '',
    dims,
    features: new Set(['offline']),
    limits: { batch: TEXTS_PER_TURN, concurrency: 1, retries: 0, maxChars: 1_000_000, truncate: 'end' },
    embed: async (texts, _kind, signal) => {
      await nextTurn(undefined, { signal })
      return texts.map(embed)
    },
    health: async () => ({ status: 'up', engine: 'built in', checks: { offline: true, semantic: false, dims } }),
    codeOf: () => 'unknown',
    close: async () => undefined,
  }
}

/** The vector of a text, not yet of length 1. Each hasher has its own working memory. */
export function hasher(dims: number): (text: string) => Float32Array {
  const kinds = characterKinds()
  const common = new Set(COMMON_WORDS.split(' ').map((word) => hashWord(unitsOf(word), word.length)))
  const joins = new Uint8Array(65_536)
  for (const char of COMMON_CHARACTERS) joins[char.charCodeAt(0)] = 1
  const logs = Float32Array.from({ length: 256 }, (_, count) => (count === 0 ? 0 : 1 + Math.log(count)))
  const counts = new FeatureCounts()
  let run = new Uint16Array(256)

  /** `run` holds a word of `length` units. */
  const addWord = (length: number) => {
    const whole = hashWord(run, length)
    if (common.has(whole)) return counts.add(whole, COMMON_WEIGHT)
    counts.add(whole, WORD_WEIGHT)
    if (length < 3) return
    // A blank on each side is part of the runs: how a word starts and ends tells more than its middle.
    run.copyWithin(1, 0, length)
    run[0] = BLANK
    run[length + 1] = BLANK
    for (let i = 0; i + 3 <= length + 2; i++) counts.add(hashRun(run, i, 3), TRIGRAM_WEIGHT)
    for (let i = 0; i + 4 <= length + 2; i++) counts.add(hashRun(run, i, 4), FOURGRAM_WEIGHT)
  }
  /** `run` holds `length` units of a script without blanks. */
  const addDense = (length: number) => {
    for (let i = 0; i < length; i++) {
      const join = joins[run[i] ?? 0] === 1
      const pairJoin = join || joins[run[i + 1] ?? 0] === 1
      if (!join) counts.add(hashRun(run, i, 1), SINGLE_WEIGHT)
      if (i + 2 <= length) counts.add(hashRun(run, i, 2), pairJoin ? JOINED_WEIGHT : PAIR_WEIGHT)
      if (i + 3 <= length && !pairJoin) counts.add(hashRun(run, i, 3), TRIPLE_WEIGHT)
    }
  }

  return (raw) => {
    const text = raw.normalize('NFKC').toLowerCase()
    if (run.length < text.length + 3) run = new Uint16Array(text.length * 2 + 3)
    counts.reset(text.length * 3)
    let length = 0
    let kind = BREAK
    for (let i = 0; i <= text.length; i++) {
      const unit = i === text.length ? BLANK : text.charCodeAt(i)
      const next = kinds[unit] ?? BREAK
      if (next !== kind) {
        if (kind === DENSE) addDense(length)
        else if (kind !== BREAK) addWord(length)
        length = 0
        kind = next
      }
      if (kind !== BREAK) run[length++] = unit
    }
    const vector = new Float32Array(dims)
    counts.fold(vector, logs)
    return vector
  }
}

const BLANK = 32
const unitsOf = (text: string): Uint16Array => Uint16Array.from(text, (char) => char.charCodeAt(0))
