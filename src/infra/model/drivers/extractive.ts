import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { AppError } from '../../../base/errors.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { DriverEvent, ModelDriver, ModelMessage, ModelRequest } from '../driver.ts'
import { answer, writeAnswer } from './extractive/answer.ts'
import { readSynonyms, type Synonyms } from './extractive/synonyms.ts'

const textOf = (content: ModelMessage['content']): string =>
  typeof content === 'string'
    ? content
    : content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')

/** The answer in pieces of about a word; two characters in scripts without blanks. */
const pieces = (text: string): string[] =>
  text.match(
    /\s*(?:[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{1,2}\p{M}*|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+)|\s+$/gu,
  ) ?? []

/**
 * `extractive:` – no model at all: answers with the sentences of the recalled passages that fit the question best,
 * and quotes the passages with their sources. Offline, deterministic, without parameters.
 *
 * It compares words, so it finds what is said in the words of the question; it cannot combine, translate or conclude.
 */
export async function open(uri: Uri): Promise<ModelDriver> {
  if (uri.path !== '' || uri.hosts.length > 0)
    throw new AppError('invalid_argument', 'extractive: takes no path and no host; write it as "extractive:"')
  parseParams(uri, z.strictObject({}))
  const synonyms = readSynonyms()
  return {
    info: { provider: 'extractive', id: 'extractive', name: 'Quotes from knowledge (no model)' },
    features: new Set(['passages']),
    stream: (request, signal) => stream(request, synonyms, signal),
    health: async () => ({
      status: 'up',
      engine: 'built in',
      checks: { offline: true, generates: false, note: 'quotes passages; set MODEL_URI for a language model' },
    }),
    codeOf: () => 'unknown',
    close: async () => undefined,
  }
}

async function* stream(request: ModelRequest, synonyms: Synonyms, signal: AbortSignal): AsyncGenerator<DriverEvent> {
  const questions = request.messages.filter((message) => message.role === 'user').map(({ content }) => textOf(content))
  const question = questions.at(-1) ?? ''
  const found = answer(question, questions.at(-2) ?? '', request.passages, synonyms)
  const { responseFormat, maxTokens = Number.POSITIVE_INFINITY } = request.params ?? {}
  const text =
    responseFormat === 'json'
      ? JSON.stringify({ answer: found.text, sources: found.sources })
      : writeAnswer(found, question)
  for (const [i, piece] of pieces(text).entries()) {
    if (i >= maxTokens) return yield { type: 'finish', reason: 'length' }
    // Others must get their turn, and an abort must be heard.
    if (i % 16 === 0) await nextTurn(undefined, { signal })
    yield { type: 'text', text: piece }
  }
  yield { type: 'finish', reason: 'stop' }
}
