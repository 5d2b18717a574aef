import { parseUri, pickScheme, type Uri } from '../../base/uri.ts'
import type { EmbeddingDriver } from './driver.ts'
import { Embedding } from './embedding.ts'

export type OpenEmbeddingOptions = {
  /** The endpoint's key (`EMBEDDING_API_KEY`); a parameter `api_key` in the URI wins. */
  apiKey?: string
}

type Open = (uri: Uri, options: OpenEmbeddingOptions) => Promise<EmbeddingDriver>

/** Every embedding scheme, one line each. Dynamic import: an unused provider costs no memory. */
export const EMBEDDING_SCHEMES: Readonly<Record<string, Open>> = {
  gemini: async (uri, options) => (await import('./drivers/gemini.ts')).open(uri, options),
  hash: async (uri) => (await import('./drivers/hash.ts')).open(uri),
  openai: async (uri, options) => (await import('./drivers/openai.ts')).open(uri, options),
  ollama: async (uri, options) => (await import('./drivers/ollama.ts')).open(uri, options),
  http: async (uri, options) => (await import('./drivers/http.ts')).open(uri, options),
  https: async (uri, options) => (await import('./drivers/http.ts')).open(uri, options),
}

/**
 * Opens the provider that a URI such as `hash:?dims=256` or `openai://host/v1?model=…` names. Nothing is sent before
 * the first text. Throws `invalid_argument` for an unknown scheme or parameter.
 */
export async function openEmbedding(text: string, options: OpenEmbeddingOptions = {}): Promise<Embedding> {
  const uri = parseUri(text)
  const open = pickScheme(uri, EMBEDDING_SCHEMES, 'EMBEDDING_URI')
  return new Embedding(await open(uri, options))
}
