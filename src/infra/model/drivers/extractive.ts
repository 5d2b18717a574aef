import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { AppError } from '../../../base/errors.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { DriverEvent, ModelDriver, ModelMessage, ModelRequest, Passage } from '../driver.ts'
import { answer, writeAnswer } from './extractive/answer.ts'
import { readSynonyms, type Synonyms } from './extractive/synonyms.ts'

/** What the application says about an attachment is not part of the question. */
const NOTE = /^\[The user attached [^\]]*\]$/

/** The words of a message, without its attachments. */
function wordsOf(content: ModelMessage['content']): string {
  if (typeof content === 'string') return content
  return content.flatMap((part) => (part.type === 'text' && !NOTE.test(part.text) ? [part.text] : [])).join('\n')
}

/** Attached texts are knowledge too, the newest first: an answer may stand in any of them. */
function attachments(messages: readonly ModelMessage[]): Passage[] {
  const parts = messages.toReversed().flatMap(({ content }) => (typeof content === 'string' ? [] : content))
  return parts.flatMap((part): Passage[] => {
    if (part.type !== 'file' || !part.mediaType.startsWith('text/')) return []
    const content = new TextDecoder().decode(part.data.subarray(0, MAX_ATTACHMENT_BYTES))
    return [{ chunkId: '', documentId: '', datasetId: '', documentName: part.name, content, score: 1 }]
  })
}
const MAX_ATTACHMENT_BYTES = 300_000

/** The answer in pieces of about a word; two characters in scripts without blanks. */
const pieces = (text: string): string[] =>
  text.match(
    /\s*(?:[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{1,2}\p{M}*|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+)|\s+$/gu,
  ) ?? []

/**
 * `extractive:` – no model at all: answers with the sentences of the recalled passages that fit the question best,
 * and quotes the passages with their sources. Offline, deterministic, without parameters.
 *
 * Texts that the user attached are quoted as well. It compares words, so it finds what is said in the words of the question; it cannot combine, translate or conclude.
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
  const questions = request.messages.filter((message) => message.role === 'user').map(({ content }) => wordsOf(content))
  const question = questions.at(-1) ?? ''
  const attached = attachments(request.messages)
  const passages = attached.length === 0 ? request.passages : [...attached, ...(request.passages ?? [])]
  const found = answer(question, questions.at(-2) ?? '', passages, synonyms)
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
