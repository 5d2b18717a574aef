import { createGoogle } from '@ai-sdk/google'
import { z } from 'zod'
import { endpointUrl } from '../../../base/endpoint.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { ModelDriver } from '../driver.ts'
import { fetchWithoutRedirect, remoteModel } from './ai-sdk/driver.ts'
import { Flag, REMOTE_PARAMS, Reasoning } from './ai-sdk/params.ts'
import { userFirst } from './ai-sdk/prompt.ts'

const Params = z.strictObject({ ...REMOTE_PARAMS, vision: Flag.default(true), reasoning: Reasoning })

/**
 * `gemini://[host[:port]][/v1beta]?model=…` – Google's `POST /models/…:streamGenerateContent`;
 * `generativelanguage.googleapis.com` when no host is named. The parameters are those of `anthropic:`. Thoughts are only
 * shown when `reasoning` is set, since models without them refuse to be asked.
 */
export async function open(uri: Uri, options: { apiKey?: string } = {}): Promise<ModelDriver> {
  const { model, vision, reasoning, ...params } = parseParams(uri, Params)
  const url = endpointUrl(uri, { host: 'generativelanguage.googleapis.com', path: '/v1beta', tls: params.tls })
  const apiKey = params.api_key ?? options.apiKey ?? ''
  // The SDK takes an absent key from a variable of its own.
  const provider = createGoogle({ baseURL: url, apiKey, fetch: fetchWithoutRedirect })
  const thinks = reasoning !== undefined && reasoning !== 'none'
  return remoteModel({
    provider: 'gemini',
    model,
    vision,
    chat: provider.chat(model),
    apiKey,
    timeoutMs: params.timeout,
    retries: params.max_retries,
    probe: { url: `${url}/models?pageSize=1`, headers: { 'x-goog-api-key': apiKey } },
    options: {
      ...(reasoning === undefined ? {} : { reasoning }),
      ...(thinks ? { providerOptions: { google: { thinkingConfig: { includeThoughts: true } } } } : {}),
    },
    fit: userFirst,
  })
}
