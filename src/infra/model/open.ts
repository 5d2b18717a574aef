import { parseUri, pickScheme, type Uri } from '../../base/uri.ts'
import type { ModelDriver } from './driver.ts'
import { Model } from './model.ts'

export type OpenModelOptions = {
  /** The endpoint's key (`MODEL_API_KEY`); a parameter `api_key` in the URI wins. */
  apiKey?: string
  /** Where relative paths in a URI start; the working directory by default. */
  home?: string
  /** Told once about each thing that the endpoint does not take and that is left out from then on. */
  warn?: (text: string) => void
}

/** Every model scheme, one line each. Dynamic import: an unused provider costs no memory. */
export const MODEL_SCHEMES: Readonly<Record<string, (uri: Uri, options: OpenModelOptions) => Promise<ModelDriver>>> = {
  anthropic: async (uri, options) => (await import('./drivers/anthropic.ts')).open(uri, options),
  extractive: async (uri) => (await import('./drivers/extractive.ts')).open(uri),
  gemini: async (uri, options) => (await import('./drivers/gemini.ts')).open(uri, options),
  openai: async (uri, options) => (await import('./drivers/openai.ts')).open(uri, options),
  scripted: async (uri, options) => (await import('./drivers/scripted.ts')).open(uri, options),
}

/**
 * Opens the model that a URI such as `extractive:` or `openai://api.example.com/v1?model=…` names. Nothing is sent
 * before the first question. Throws `invalid_argument` for an unknown scheme or parameter.
 */
export async function openModel(text: string, options: OpenModelOptions = {}): Promise<Model> {
  const uri = parseUri(text)
  const open = pickScheme(uri, MODEL_SCHEMES, 'MODEL_URI')
  return new Model(await open(uri, options))
}
