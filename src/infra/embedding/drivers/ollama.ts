import { z } from 'zod'
import { endpointUrl } from '../../../base/endpoint.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { EmbeddingDriver } from '../driver.ts'
import { limitsOf, REMOTE_PARAMS, readAnswer, TLS, Vectors } from './remote/params.ts'
import { codeOfFetch, type Endpoint, reach, requestJson } from './remote/request.ts'

const Params = z.strictObject({ ...REMOTE_PARAMS, model: z.string().min(1, 'is required'), tls: TLS })
const Answer = z.object({ embeddings: Vectors })

/**
 * `ollama://[host[:11434]]?model=…&dims=…` – an Ollama server's `POST /api/embed`; this machine's when no host is named.
 * `dims` is asked for and checked. The other parameters are those of `openai:`.
 */
export async function open(uri: Uri, options: { apiKey?: string } = {}): Promise<EmbeddingDriver> {
  const params = parseParams(uri, Params)
  const { model, dims } = params
  const endpoint: Endpoint = {
    url: endpointUrl(uri, { host: '127.0.0.1', port: 11_434, tls: params.tls }),
    apiKey: params.api_key ?? options.apiKey,
    timeoutMs: params.timeout,
  }
  return {
    provider: 'ollama',
    model,
    dims,
    features: new Set(['semantic', 'remote']),
    limits: limitsOf(params),
    embed: async (texts, _kind, signal) => {
      const body = {
        model,
        input: texts,
        truncate: params.truncate === 'end',
        ...(dims === undefined ? {} : { dimensions: dims }),
      }
      return readAnswer(Answer, await requestJson(endpoint, '/api/embed', body, signal)).embeddings
    },
    health: async (signal) => {
      await reach(endpoint, '/api/version', signal)
      return { status: 'up', checks: { semantic: true, model } }
    },
    codeOf: codeOfFetch,
    close: async () => undefined,
  }
}
