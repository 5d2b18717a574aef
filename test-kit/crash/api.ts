/** No answer arrived: whether the call was carried out is open. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered'
}

/** An answer that the caller has no use for. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected'
}

/** What a server-sent event carries. */
export type ApiEvent = { event: string; data: Record<string, unknown> }
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
type Sender = { token?: string; cookie?: string }

/** Calls as one person, that tell apart what was answered, what was refused and what got no answer. */
export class Api {
  readonly url: string
  readonly #sender: Sender

  constructor(url: string, sender: Sender = {}) {
    this.url = url
    this.#sender = sender
  }

  as(sender: Sender): Api {
    return new Api(this.url, sender)
  }

  /** The body of an answer 200. */
  async call<T>(method: Method, path: string, body?: object): Promise<T> {
    const answer = await this.#send(method, path, body)
    if (answer.status !== 200) throw new Unexpected(`${method} ${path}: ${answer.status} ${answer.text}`)
    return JSON.parse(answer.text) as T
  }

  /** The same; `null` when the answer is one of these statuses. */
  async find<T>(method: Method, path: string, body?: object, absent: readonly number[] = [404]): Promise<T | null> {
    const answer = await this.#send(method, path, body)
    if (absent.includes(answer.status)) return null
    if (answer.status !== 200) throw new Unexpected(`${method} ${path}: ${answer.status} ${answer.text}`)
    return JSON.parse(answer.text) as T
  }

  /** The body, and the cookie that the answer sets. */
  async logIn<T>(path: string, body: object): Promise<{ body: T; cookie: string }> {
    const response = await this.#fetch('POST', path, { 'content-type': 'application/json' }, JSON.stringify(body))
    const text = await textOf(response)
    if (response.status !== 200) throw new Unexpected(`POST ${path}: ${response.status} ${text}`)
    const cookie = /session_key=[^;]+/.exec(response.headers.get('set-cookie') ?? '')?.[0] ?? ''
    return { body: JSON.parse(text) as T, cookie }
  }

  /** Uploads a file that comes in pieces, with a pause before each. */
  async upload<T>(name: string, pieces: readonly Uint8Array[], pauseMs: number): Promise<T> {
    const boundary = 'crash-test-boundary'
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n`
    const body = async function* () {
      yield Buffer.from(head)
      for (const piece of pieces) {
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
        yield piece
      }
      yield Buffer.from(`\r\n--${boundary}--\r\n`)
    }
    const type = `multipart/form-data; boundary=${boundary}`
    const response = await this.#fetch('POST', '/v1/files/upload', { 'content-type': type }, body())
    const text = await textOf(response)
    if (response.status !== 200) throw new Unexpected(`upload: ${response.status} ${text}`)
    return JSON.parse(text) as T
  }

  /** The bytes behind an address that anyone may read. */
  async bytes(url: string): Promise<Uint8Array> {
    try {
      const response = await fetch(url)
      const bytes = new Uint8Array(await response.arrayBuffer())
      if (response.status !== 200) throw new Unexpected(`GET ${url}: ${response.status}`)
      return bytes
    } catch (err) {
      throw unanswered(err)
    }
  }

  /** Events as they come. Throws `Unanswered` when the stream breaks off before its last event. */
  async *events(path: string, body: object): AsyncGenerator<ApiEvent, void, undefined> {
    const response = await this.#fetch('POST', path, { 'content-type': 'application/json' }, JSON.stringify(body))
    if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream'))
      throw new Unexpected(`POST ${path}: ${response.status} ${await textOf(response)}`)
    const decoder = new TextDecoder()
    let text = ''
    let isWhole = false
    try {
      for await (const bytes of response.body ?? []) {
        text += decoder.decode(bytes, { stream: true })
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) {
          const [event = '', data = ''] = block.split('\n').map((line) => line.slice(line.indexOf(':') + 1))
          isWhole = event === 'done'
          if (!isWhole) yield { event, data: JSON.parse(data) as Record<string, unknown> }
        }
      }
    } catch (err) {
      throw unanswered(err)
    }
    if (!isWhole) throw new Unanswered('the stream ended without its last event')
  }

  async #send(method: Method, path: string, body?: object): Promise<{ status: number; text: string }> {
    const headers = body === undefined ? undefined : { 'content-type': 'application/json' }
    const response = await this.#fetch(method, path, headers, body && JSON.stringify(body))
    return { status: response.status, text: await textOf(response) }
  }

  async #fetch(
    method: Method,
    path: string,
    headers: Record<string, string> = {},
    body?: string | AsyncIterable<Uint8Array>,
  ): Promise<Response> {
    const { token, cookie } = this.#sender
    const all = {
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(cookie === undefined ? {} : { cookie }),
    }
    try {
      return await fetch(this.url + path, {
        method,
        headers: all,
        ...(body === undefined ? {} : { body, duplex: 'half' }),
      })
    } catch (err) {
      throw unanswered(err)
    }
  }
}

async function textOf(response: Response): Promise<string> {
  try {
    return await response.text()
  } catch (err) {
    throw unanswered(err)
  }
}

/** Our own errors stay; all others come from a connection that broke. */
function unanswered(err: unknown): Error {
  if (err instanceof Unexpected || err instanceof Unanswered) return err
  return new Unanswered('the connection broke', { cause: err })
}
