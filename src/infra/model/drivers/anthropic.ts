import { createAnthropic } from '@ai-sdk/anthropic'
import { z } from 'zod'
import { endpointUrl } from '../../../base/endpoint.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { ModelDriver } from '../driver.ts'
import { BodyRules } from './ai-sdk/body.ts'
import { fetchWithoutRedirect, remoteModel } from './ai-sdk/driver.ts'
import { Flag, REMOTE_PARAMS, Reasoning } from './ai-sdk/params.ts'
import { userFirst } from './ai-sdk/prompt.ts'

const Params = z.strictObject({ ...REMOTE_PARAMS, vision: Flag.default(true), reasoning: Reasoning })
/** Settings that an answer can do without. */
const OPTIONAL = ['temperature', 'top_p', 'top_k', 'thinking', 'output_config']

/**
 * `anthropic://[host[:port]][/v1]?model=…` – Anthropic's `POST /messages`, streamed; `api.anthropic.com` when no host is
 * named. `reasoning=none|minimal|low|medium|high|xhigh` – how much the model thinks; the other parameters are those of
 * `openai:`, but that models see images unless `vision=0`. Presence and frequency penalties have no place in this protocol.
 */
export async function open(
  uri: Uri,
  options: { apiKey?: string; warn?: (text: string) => void } = {},
): Promise<ModelDriver> {
  const { model, vision, reasoning, ...params } = parseParams(uri, Params)
  const url = endpointUrl(uri, { host: 'api.anthropic.com', path: '/v1', tls: params.tls })
  const apiKey = params.api_key ?? options.apiKey ?? ''
  const rules = new BodyRules(OPTIONAL, options.warn)
  const provider = createAnthropic({
    baseURL: url,
    // The SDK takes an absent key from a variable of its own.
    apiKey,
    fetch: (input, init) => fetchWithoutRedirect(input, { ...init, ...rules.applyTo(init?.body) }),
  })
  return remoteModel({
    provider: 'anthropic',
    model,
    vision,
    chat: provider.messages(model),
    apiKey,
    timeoutMs: params.timeout,
    retries: params.max_retries,
    probe: { url: `${url}/models?limit=1`, headers: { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' } },
    options: {
      ...(reasoning === undefined ? {} : { reasoning }),
      // A sign of life while the model thinks.
      providerOptions: { anthropic: { includePings: true } },
    },
    fit: userFirst,
    learn: (failure) => rules.learn(failure),
  })
}
