import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './log.ts'

/** An answer's JSON; the script knows its shape. */
// biome-ignore lint/suspicious/noExplicitAny: the shapes of a hundred answers would say nothing about what is compared
export type Json = any

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
type Call = { query?: Record<string, string>; body?: unknown }

const POLL_MS = 60
const POLL_TIMEOUT_MS = 60_000

/** Someone who uses the server over HTTP and writes down all that comes back. */
export class Person {
  readonly #log: Log
  readonly #url: () => string
  /** What the next calls carry. */
  cookie = ''
  token = ''

  constructor(log: Log, url: () => string) {
    this.#log = log
    this.#url = url
  }

  get = (path: string, query?: Record<string, string>) => this.call('GET', path, query === undefined ? {} : { query })
  post = (path: string, body?: unknown, query?: Record<string, string>) =>
    this.call('POST', path, { ...(body === undefined ? {} : { body }), ...(query === undefined ? {} : { query }) })
  put = (path: string, body: unknown) => this.call('PUT', path, { body })
  delete = (path: string) => this.call('DELETE', path)

  /** Makes a call, notes it, and gives the answer's JSON. */
  async call(method: Method, path: string, call: Call = {}): Promise<Json> {
    const { response, text } = await this.#send(method, path, call)
    return this.#note(`${method} ${withQuery(path, call.query)}`, call.body, response, text)
  }

  /** Sends a form with one file. */
  async upload(path: string, field: string, name: string, bytes: string | Uint8Array<ArrayBuffer>): Promise<Json> {
    const form = new FormData()
    form.append(field, new Blob([bytes]), name)
    const response = await fetch(this.#url() + path, { method: 'POST', headers: this.#headers(path), body: form })
    return this.#note(`POST ${path} ${field}=${name}`, undefined, response, await response.text())
  }

  /** Repeats a call until it satisfies, and notes only the last answer. */
  async until(path: string, body: unknown, isEnough: (answer: Json) => boolean): Promise<Json> {
    for (const deadline = Date.now() + POLL_TIMEOUT_MS; ; await sleep(POLL_MS)) {
      const { response, text } = await this.#send('POST', path, { body })
      if (Date.now() < deadline && !isEnough(JSON.parse(text))) continue
      return this.#note(`POST ${path}, finally`, body, response, text)
    }
  }

  /** Asks an agent and notes every event of the stream; gives them, too. */
  async stream(body: unknown, query?: Record<string, string>): Promise<{ event: string; data: Json }[]> {
    const path = withQuery('/v3/chat', query)
    const { text } = await this.#send('POST', path, { body })
    const blocks = text.split('\n\n').filter((block) => block !== '')
    const events = blocks.map((block) => {
      const [event = '', data = 'null'] = block.split('\n').map((line) => line.slice(line.indexOf(':') + 1))
      return { event, data: parsed(data) }
    })
    this.#log.add(`POST ${path}`, body, 'stream', events.map(unwrapped))
    return events
  }

  /** Follows an address that an answer gave, without any credentials, and notes what is behind it. */
  async follow(url: string): Promise<void> {
    const response = await fetch(url)
    const bytes = Buffer.from(await response.arrayBuffer())
    const sha256 = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
    const seen = { type: response.headers.get('content-type'), sizeBytes: bytes.length, sha256 }
    this.#log.add(`GET ${url}`, undefined, response.status, response.ok ? seen : {})
  }

  async #send(method: Method, path: string, { query, body }: Call) {
    const headers = this.#headers(path)
    const response = await fetch(this.#url() + withQuery(path, query), {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const cookie = /session_key=[^;]*/.exec(response.headers.get('set-cookie') ?? '')?.[0]
    if (cookie !== undefined) this.cookie = cookie
    return { response, text: await response.text() }
  }

  #headers(path: string): Record<string, string> {
    if (path.startsWith('/api/')) return this.cookie === '' ? {} : { cookie: this.cookie }
    return this.token === '' ? {} : { authorization: `Bearer ${this.token}` }
  }

  #note(call: string, sent: unknown, { status }: Response, text: string): Json {
    const body = parsed(text)
    this.#log.add(call, sent, status, body)
    return body
  }
}

const withQuery = (path: string, query: Record<string, string> = {}): string => {
  const text = new URLSearchParams(query).toString()
  return text === '' ? path : `${path}?${text}`
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** JSON within the texts of an event is taken apart, so that a difference in it is seen as what it is. */
function unwrapped(value: Json): Json {
  if (typeof value === 'string' && /^[{[]/.test(value)) {
    const inner = parsed(value)
    return typeof inner === 'string' ? value : unwrapped(inner)
  }
  if (Array.isArray(value)) return value.map(unwrapped)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrapped(item)]))
}
