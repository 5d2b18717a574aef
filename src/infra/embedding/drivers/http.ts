import { z } from 'zod'
import { endpointUrl } from '../../../base/endpoint.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { EmbeddingDriver } from '../driver.ts'
import { limitsOf, REMOTE_PARAMS, readAnswer, Vectors } from './remote/params.ts'
import { codeOfFetch, type Endpoint, reach, requestJson } from './remote/request.ts'

const Params = z.strictObject({ ...REMOTE_PARAMS, model: z.string().default('') })
const Answer = z.object({ dense: Vectors })

/**
 * `http://host[:port][/path]?dims=…` – a plain embedding service: `POST {address}/embedding` with
 * `{texts, need_sparse: false}` answers `{dense: [[…]]}`. `model` only names the vectors in the id; `dims` is checked.
 * The other parameters are those of `openai:`.
 */
export async function open(uri: Uri, options: { apiKey?: string } = {}): Promise<EmbeddingDriver> {
  const params = parseParams(uri, Params)
  const endpoint: Endpoint = {
    url: endpointUrl(uri, { tls: uri.scheme === 'https' }),
    apiKey: params.api_key ?? options.apiKey,
    timeoutMs: params.timeout,
  }
  return {
    provider: 'http',
    model: params.model,
    dims: params.dims,
    features: new Set(['semantic', 'remote']),
    limits: limitsOf(params),
    embed: async (texts, _kind, signal) => {
      const body = { texts, need_sparse: false }
      return readAnswer(Answer, await requestJson(endpoint, '/embedding', body, signal)).dense
    },
    health: async (signal) => {
      await reach(endpoint, '/support_status', signal)
      return { status: 'up', checks: { semantic: true } }
    },
    codeOf: codeOfFetch,
    close: async () => undefined,
  }
}
