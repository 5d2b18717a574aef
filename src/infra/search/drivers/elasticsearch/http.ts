import { Client, Transport, type TransportOptions } from '@elastic/elasticsearch'
import { AppError } from '../../../../base/errors.ts'

/** What a server says of itself: Elasticsearch or its fork, and which version. */
export type Flavor = { engine: 'Elasticsearch' | 'OpenSearch'; version: string; major: number; minor: number }

export type ConnectOptions = {
  nodes: readonly string[]
  auth?: { username: string; password: string } | { apiKey: string }
  tls?: { ca?: Buffer; rejectUnauthorized?: boolean }
  fingerprint?: string
  timeoutMs: number
}

export type Json = Readonly<Record<string, unknown>>
export type CallOptions = {
  body?: Json
  /** Lines of JSON for `_bulk`, each with its line end. */
  lines?: string
  query?: Readonly<Record<string, string | number | boolean>>
  /** Statuses that are an answer and no error. */
  expect?: readonly number[]
  /** Instead of the time limit of the connection. */
  timeoutMs?: number
  /** Instead of one more attempt after a lost connection. */
  retries?: number
}

/**
 * Plain JSON instead of the client's own media type, whose `compatible-with=9` a server of version 8 refuses; versions
 * 8 and 9 and OpenSearch answer alike to what this driver asks. Which product it is, is found out at `connect`.
 */
class PlainTransport extends Transport {
  constructor(options: TransportOptions) {
    super({
      ...options,
      productCheck: null as never,
      vendoredHeaders: {
        jsonContentType: 'application/json',
        ndjsonContentType: 'application/x-ndjson',
        accept: 'application/json',
      },
    })
  }
}

/** The requests of one driver. Rejects with the client's own errors. */
export class Http {
  readonly #client: Client
  readonly #hosts: number

  constructor({ nodes, auth, tls, fingerprint, timeoutMs }: ConnectOptions) {
    this.#hosts = nodes.length
    this.#client = new Client({
      nodes: [...nodes],
      ...(auth === undefined ? {} : { auth }),
      ...(tls === undefined ? {} : { tls }),
      ...(fingerprint === undefined ? {} : { caFingerprint: fingerprint }),
      requestTimeout: timeoutMs,
      enableMetaHeader: false,
      Transport: PlainTransport as never,
    })
  }

  async call<T = Json>(method: string, path: string, options: CallOptions = {}): Promise<{ status: number; body: T }> {
    const { body, lines, query, expect, timeoutMs, retries } = options
    const { statusCode, body: answer } = await this.#client.transport.request<T>(
      {
        method,
        path,
        ...(body === undefined ? {} : { body }),
        ...(lines === undefined ? {} : { bulkBody: lines }),
        ...(query === undefined ? {} : { querystring: query }),
      },
      {
        meta: true,
        ...(expect === undefined ? {} : { ignore: [...expect] }),
        ...(timeoutMs === undefined ? {} : { requestTimeout: timeoutMs }),
        // Every node once, and one more attempt where there is only one.
        maxRetries: retries ?? Math.max(1, this.#hosts - 1),
        retryBackoff: (_least, _most, attempt) => 0.1 * attempt,
      },
    )
    return { status: statusCode, body: answer }
  }

  /** What runs there. Throws `failed_precondition` for what this driver does not work with. */
  async flavor(): Promise<Flavor> {
    type Root = { version?: { number?: string; distribution?: string } }
    const { body } = await this.call<Root>('GET', '/')
    const version = body.version?.number ?? ''
    const [major = 0, minor = 0] = version.split('.').map(Number)
    if (body.version?.distribution === 'opensearch' && major >= 2)
      return { engine: 'OpenSearch', version, major, minor }
    if (body.version?.distribution === undefined && major >= 8)
      return { engine: 'Elasticsearch', version, major, minor }
    const found = version === '' ? 'something else' : `${body.version?.distribution ?? 'Elasticsearch'} ${version}`
    throw new AppError(
      'failed_precondition',
      `the server is ${found}; Snug works with Elasticsearch 8 and 9, and OpenSearch from 2 on`,
    )
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}
