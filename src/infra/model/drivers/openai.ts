import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { z } from 'zod'
import { endpointUrl } from '../../../base/endpoint.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { ModelDriver } from '../driver.ts'
import { BodyRules } from './ai-sdk/body.ts'
import { fetchWithoutRedirect, remoteModel } from './ai-sdk/driver.ts'
import { Flag, REMOTE_PARAMS } from './ai-sdk/params.ts'
import { ThinkSplitter } from './openai/thinking.ts'

const Params = z.strictObject({ ...REMOTE_PARAMS, vision: Flag.default(false) })
/** Settings that an answer can do without. */
const OPTIONAL = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'stream_options', 'response_format']

/**
 * `openai://host[:port]/v1?model=…` – any endpoint with OpenAI's `POST /chat/completions`: OpenAI, vLLM, Ollama, LM
 * Studio, llama.cpp, DeepSeek, Qwen, … The path is `/v1` when the URI has none.
 *
 * `model` (required); `api_key` (better: MODEL_API_KEY); `tls=0|1` – by default private hosts and port 80 are called in
 * the clear, everything else by TLS; `timeout=60s` – the longest silence, not the whole answer; `max_retries=2` – before
 * the first piece only; `vision=1` – the model sees images. `topK` has no place in this protocol and is left out.
 */
export async function open(
  uri: Uri,
  options: { apiKey?: string; warn?: (text: string) => void } = {},
): Promise<ModelDriver> {
  const { model, vision, ...params } = parseParams(uri, Params)
  const url = endpointUrl(uri, { path: '/v1', tls: params.tls })
  const apiKey = params.api_key ?? options.apiKey
  const rules = new BodyRules(OPTIONAL, options.warn)
  const provider = createOpenAICompatible({
    name: 'openai',
    baseURL: url,
    includeUsage: true,
    ...(apiKey === undefined || apiKey === '' ? {} : { apiKey }),
    transformRequestBody: (body) => rules.apply(body),
    fetch: fetchWithoutRedirect,
  })
  return remoteModel({
    provider: 'openai',
    model,
    vision,
    chat: provider.chatModel(model),
    apiKey,
    timeoutMs: params.timeout,
    retries: params.max_retries,
    probe: { url: `${url}/models`, headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {} },
    learn: (failure) => rules.learn(failure),
    split: () => new ThinkSplitter(),
  })
}
