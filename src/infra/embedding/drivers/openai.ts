import { z } from 'zod'
import { endpointUrl } from '../../../base/endpoint.ts'
import { AppError } from '../../../base/errors.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { EmbeddingDriver } from '../driver.ts'
import { limitsOf, REMOTE_PARAMS, readAnswer, TLS } from './remote/params.ts'
import { codeOfFetch, type Endpoint, reach, requestJson } from './remote/request.ts'

const Params = z.strictObject({ ...REMOTE_PARAMS, model: z.string().min(1, 'is required'), tls: TLS })
const Answer = z.object({
  data: z.array(z.object({ index: z.number().int().optional(), embedding: z.array(z.unknown()) })),
})

/**
 * `openai://host[:port]/v1?model=…&dims=…` – any endpoint with OpenAI's `POST /embeddings`. `dims` is asked for and
 * checked; without it the endpoint decides. `tls=0|1`, `timeout=30s`, `retries=3`, `batch=100`, `concurrency=2`,
 * `max_chars=8000`, `truncate=end|error`, `api_key`. Without `tls`, private hosts and port 80 are called in the clear.
 */
export async function open(uri: Uri, options: { apiKey?: string } = {}): Promise<EmbeddingDriver> {
  const params = parseParams(uri, Params)
  const { model, dims } = params
  const endpoint: Endpoint = {
    url: endpointUrl(uri, { path: '/v1', tls: params.tls }),
    apiKey: params.api_key ?? options.apiKey,
    timeoutMs: params.timeout,
  }
  return {
    provider: 'openai',
    model,
    dims,
    features: new Set(['semantic', 'remote']),
    limits: limitsOf(params),
    embed: async (texts, _kind, signal) => {
      const body = { model, input: texts, ...(dims === undefined ? {} : { dimensions: dims }) }
      const { data } = readAnswer(Answer, await requestJson(endpoint, '/embeddings', body, signal))
      return inOrder(data)
    },
    health: async (signal) => {
      await reach(endpoint, '/models', signal)
      return { status: 'up', checks: { semantic: true, model } }
    },
    codeOf: codeOfFetch,
    close: async () => undefined,
  }
}

/** The vectors by their index: endpoints may answer in any order. */
function inOrder(data: readonly { index?: number | undefined; embedding: unknown[] }[]): number[][] {
  const out: unknown[][] = []
  for (const [i, { index = i, embedding }] of data.entries()) {
    if (out[index] !== undefined || index < 0 || index >= data.length)
      throw new AppError('corrupt', 'the embedding endpoint numbered its vectors wrongly')
    out[index] = embedding
  }
  return out as number[][]
}
