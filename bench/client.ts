import { Agent, request } from 'node:http'

/** A small client of one server: keep-alive connections, JSON in and out, event streams without parsing their data. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2_000 })
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  /** The payload of a call; throws on every answer whose code is not 0. */
  async call<T>(path: string, body?: object): Promise<T> {
    const answer = await fetch(this.#url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const json = (await answer.json()) as { code: number; msg: string; data?: T }
    if (json.code !== 0) throw new Error(`${path}: ${json.code} ${json.msg}`)
    return (json.data ?? json) as T
  }

  /** Runs one streamed call to its end: when the first event came, how many there were, whether it completed. */
  stream(path: string, body: object): Promise<{ firstMs: number; events: number; completed: boolean }> {
    const { promise, resolve, reject } = Promise.withResolvers<{
      firstMs: number
      events: number
      completed: boolean
    }>()
    const startedMs = performance.now()
    const text = JSON.stringify(body)
    const headers = {
      authorization: `Bearer ${this.#token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    }
    const call = request(this.#url + path, { method: 'POST', agent: this.#agent, headers }, (answer) => {
      let [firstMs, events, tail] = [0, 0, '']
      answer.on('data', (bytes: Buffer) => {
        if (firstMs === 0) firstMs = performance.now() - startedMs
        for (let at = bytes.indexOf('\n\n'); at >= 0; at = bytes.indexOf('\n\n', at + 2)) events++
        tail = (tail + bytes.toString('latin1')).slice(-1200)
      })
      answer.on('end', () => {
        resolve({
          firstMs,
          events,
          completed: answer.statusCode === 200 && tail.includes('event:conversation.chat.completed'),
        })
      })
      answer.on('error', reject)
    })
    call.on('error', reject)
    call.end(text)
    return promise
  }

  close(): void {
    this.#agent.destroy()
  }
}
