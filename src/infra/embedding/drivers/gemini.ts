import { z } from 'zod'
import { endpointUrl } from '../../../base/endpoint.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { EmbeddingDriver, EmbeddingKind } from '../driver.ts'
import { limitsOf, REMOTE_PARAMS, readAnswer, TLS } from './remote/params.ts'
import { codeOfFetch, type Endpoint, reach, requestJson } from './remote/request.ts'

const Params = z.strictObject({
  ...REMOTE_PARAMS,
  // What the API takes in one call.
  batch: z.coerce.number().int().min(1).max(100).default(100),
  model: z.string().min(1, 'is required'),
  tls: TLS,
})
const Answer = z.object({ embeddings: z.array(z.object({ values: z.array(z.unknown()) })) })

/**
 * `gemini://[host[:port]][/v1beta]?model=…&dims=…` – Google's `POST /models/…:batchEmbedContents`;
 * `generativelanguage.googleapis.com` when no host is named. `dims` is asked for and checked. Documents and queries are told
 * apart in the way that the model knows. The other parameters are those of `openai:`, but `batch` is at most 100.
 */
export async function open(uri: Uri, options: { apiKey?: string } = {}): Promise<EmbeddingDriver> {
  const params = parseParams(uri, Params)
  const { model, dims } = params
  const endpoint: Endpoint = {
    url: endpointUrl(uri, { host: 'generativelanguage.googleapis.com', path: '/v1beta', tls: params.tls }),
    apiKey: params.api_key ?? options.apiKey,
    timeoutMs: params.timeout,
    keyHeader: 'x-goog-api-key',
  }
  const path = `/models/${encodeURIComponent(model)}`
  return {
    provider: 'gemini',
    model,
    dims,
    features: new Set(['semantic', 'remote']),
    limits: limitsOf(params),
    embed: async (texts, kind, signal) => {
      const requests = texts.map((text) => ({
        model: `models/${model}`,
        ...contentOf(model, text, kind),
        ...(dims === undefined ? {} : { outputDimensionality: dims }),
      }))
      const answer = await requestJson(endpoint, `${path}:batchEmbedContents`, { requests }, signal)
      return readAnswer(Answer, answer).embeddings.map(({ values }) => values as number[])
    },
    health: async (signal) => {
      await reach(endpoint, path, signal)
      return { status: 'up', checks: { semantic: true, model } }
    },
    codeOf: codeOfFetch,
    close: async () => undefined,
  }
}

/** The first generation is told by a field what a text is for, the second by words before it. */
function contentOf(model: string, text: string, kind: EmbeddingKind) {
  const content = (words: string) => ({ content: { parts: [{ text: words }] } })
  if (model.startsWith('gemini-embedding-2'))
    return content(kind === 'query' ? `task: search result | query: ${text}` : `title: none | text: ${text}`)
  if (!/^(gemini-embedding-001|text-embedding)/.test(model)) return content(text)
  return { ...content(text), taskType: kind === 'query' ? 'RETRIEVAL_QUERY' : 'RETRIEVAL_DOCUMENT' }
}
