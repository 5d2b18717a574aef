import type { ServerResponse } from 'node:http'
import { type SeenRequest, sendJson, startHttpServer, type TestServer } from './http-server.ts'

export type EmbeddingWire = 'openai' | 'ollama' | 'http' | 'gemini'
/** What the next requests get instead of vectors; `stall` answers never. */
export type EmbeddingFault =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  | { fault: 'stall' | 'cut' | 'short' | 'extra' | 'missing' | 'not-finite' | 'not-json' | 'reversed' }

export type EmbeddingServer = TestServer & {
  /** Texts of each embedding request, in order of arrival. */
  batches(): string[][]
  /** Queues faults, one per request to come. */
  next(...faults: EmbeddingFault[]): void
}

const PATHS: Readonly<Record<EmbeddingWire, RegExp>> = {
  openai: /^\/v1\/embeddings$/,
  ollama: /^\/api\/embed$/,
  http: /^\/embedding$/,
  gemini: /^\/v1beta\/models\/[\w.-]+:batchEmbedContents$/,
}
const textsIn = (body: unknown): string[] => {
  const { input, texts, requests } = body as {
    input?: string[]
    texts?: string[]
    requests?: { content: { parts: { text: string }[] } }[]
  }
  return input ?? texts ?? requests?.map(({ content }) => content.parts.map((part) => part.text).join('')) ?? []
}

/** A vector that only depends on the text; not normalised. */
export function vectorOf(text: string, dims: number): number[] {
  let state = [...text].reduce((hash, char) => (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) | 0, 7)
  return Array.from({ length: dims }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0
    return state / 2 ** 31
  })
}

/** A real HTTP server that speaks one of the embedding protocols, and fails on demand. */
export async function startEmbeddingServer(wire: EmbeddingWire, dims = 8): Promise<EmbeddingServer> {
  const faults: EmbeddingFault[] = []
  const embeddings = (request: SeenRequest) => PATHS[wire].test(request.path)
  const server = await startHttpServer((request, response) => {
    if (!embeddings(request)) return sendJson(response, request.method === 'GET' ? 200 : 404, {})
    const fault = faults.shift()
    if (fault !== undefined && 'status' in fault)
      return sendJson(response, fault.status, fault.body ?? { error: { message: 'asked for' } }, fault.headers)
    answer(wire, textsIn(request.body), dims, fault?.fault, response)
  })
  return {
    ...server,
    batches: () => server.requests.filter(embeddings).map((request) => textsIn(request.body)),
    next: (...more) => faults.push(...more),
  }
}

function answer(wire: EmbeddingWire, texts: string[], dims: number, fault: string | undefined, res: ServerResponse) {
  const vectors = texts.map((text) => vectorOf(text, fault === 'short' ? dims - 1 : dims))
  if (fault === 'extra') vectors.push(vectorOf('extra', dims))
  if (fault === 'missing') vectors.pop()
  if (fault === 'stall') return
  const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }))
  if (fault === 'reversed') data.reverse()
  const bodies = {
    openai: { object: 'list', data },
    ollama: {
      model: 'm1',
      embeddings: vectors,
      total_duration: 14_143_917,
      load_duration: 1_019_500,
      prompt_eval_count: 8,
    },
    http: { dense: vectors },
    gemini: { embeddings: vectors.map((values) => ({ values })) },
  }
  const text = JSON.stringify(bodies[wire])
  if (fault === 'cut') {
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': String(text.length) })
    res.write(text.slice(0, text.length / 2))
    return setTimeout(() => res.destroy(), 5)
  }
  if (fault === 'not-json') return sendJson(res, 200, '<html>welcome</html>')
  // 1e999 is valid JSON and reads as Infinity.
  return sendJson(res, 200, fault === 'not-finite' ? text.replace(/-?0\.\d+/, '1e999') : text)
}
