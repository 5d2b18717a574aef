import { buffer } from 'node:stream/consumers'
import { type Clock, systemClock } from '../../base/clock.ts'
import { AppError } from '../../base/errors.ts'
import type { Health } from '../../base/health.ts'
import { Observer } from '../../base/observe.ts'
import { type BlobBody, readBody } from './body.ts'
import type { BlobDriver, BlobMeta, OpenedBlob, PutResult, Range, SignRequest } from './driver.ts'
import { checkHeader, checkInteger, checkKey, checkPrefix, checkTags } from './limits.ts'

export type { BlobBody } from './body.ts'
export type { BlobMeta, OpenedBlob, PutResult, Range } from './driver.ts'

type CallOptions = { signal?: AbortSignal }
export type PutOptions = CallOptions & {
  /** `application/octet-stream` otherwise. */
  contentType?: string
  /** A Content-Disposition header, printable ASCII. */
  disposition?: string
  /** At most 10. */
  tags?: Readonly<Record<string, string>>
  /** What the body must come to; otherwise it may have any length. */
  sizeBytes?: number
  /** Fails with `conflict` when the key exists. */
  ifNoneMatch?: boolean
  /** The object is gone after this time, and its space is free a minute later. */
  deleteAfterMs?: number
}
export type SignOptions = {
  /** Seconds; 7 days when absent or not positive, and at most. */
  expiresS?: number
  disposition?: string
  contentType?: string
}

const WEEK_S = 7 * 86_400
const MAX_PAGE = 1_000
/** What a browser would run: never shown inline from an address that also holds sessions. */
const ACTIVE_TYPES = /^(text\/html|text\/xml|application\/xml|application\/xhtml\+xml|image\/svg\+xml|text\/xsl)\b/i

/**
 * The object store. Objects are replaced as a whole: a reader sees the old one or the new one. Write an object before
 * the row that names it, and delete it after the row is gone.
 */
export class Blob {
  readonly provider: string
  readonly features: ReadonlySet<string>
  readonly #driver: BlobDriver
  readonly #observer: Observer
  readonly #clock: Clock

  constructor(driver: BlobDriver, clock: Clock = systemClock) {
    this.provider = driver.provider
    this.features = driver.features
    this.#driver = driver
    this.#clock = clock
    this.#observer = new Observer({
      capability: 'blob',
      provider: driver.provider,
      codeOf: (err) => driver.codeOf(err),
    })
  }

  /**
   * Creates or replaces an object. The body may be of any length; it is not held in memory. Without `sign.local`, types
   * that a browser would run are stored as attachments.
   */
  put(key: string, body: BlobBody, options: PutOptions = {}): Promise<PutResult> {
    const { signal, sizeBytes, deleteAfterMs } = options
    return this.#run('put', signal, () => {
      checkKey(key)
      const contentType = checkHeader('contentType', options.contentType) ?? 'application/octet-stream'
      const disposition = checkHeader('disposition', options.disposition)
      if (sizeBytes !== undefined) checkInteger('sizeBytes', sizeBytes, 0, Number.MAX_SAFE_INTEGER)
      if (deleteAfterMs !== undefined) checkInteger('deleteAfterMs', deleteAfterMs, 0, 10 ** 13)
      return this.#driver.put(key, readBody(body, { sizeBytes, signal }), {
        contentType,
        // A store that serves its files itself has to know when it stores them.
        disposition: this.features.has('sign.local') ? disposition : harmless({ contentType, disposition }).disposition,
        tags: checkTags(options.tags),
        ifNoneMatch: options.ifNoneMatch ?? false,
        deleteAtMs: deleteAfterMs === undefined ? undefined : this.#clock() + deleteAfterMs,
        signal,
      })
    })
  }

  /** The whole object, or a range, in memory. Throws `not_found`, `out_of_range`. */
  get(key: string, { range, signal }: CallOptions & { range?: Range } = {}): Promise<Uint8Array> {
    return this.#run('get', signal, async () => {
      const { body } = await this.#open(key, range, signal)
      return buffer(body)
    })
  }

  /** The object as a stream: read `body` to the end or destroy it. Throws `not_found`, `out_of_range`. */
  stream(key: string, { range, signal }: CallOptions & { range?: Range } = {}): Promise<OpenedBlob> {
    return this.#run('stream', signal, () => this.#open(key, range, signal))
  }

  /** What is known about an object; `null` when there is none. */
  head(key: string, { signal }: CallOptions = {}): Promise<BlobMeta | null> {
    return this.#run('head', signal, () => this.#driver.head(checkKey(key), signal))
  }

  /** Succeeds when the key is absent. */
  delete(key: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#run('delete', signal, () => this.#driver.delete(checkKey(key), signal))
  }

  /** Content, type, disposition and tags under another key. Throws `not_found`. */
  copy(from: string, to: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#run('copy', signal, () => this.#driver.copy(checkKey(from), checkKey(to), signal))
  }

  /** One page of the objects whose key starts with `prefix`, by UTF-8 bytes. Without `cursor` in the answer: the last. */
  list(
    prefix: string,
    { pageSize = MAX_PAGE, cursor, signal }: CallOptions & { pageSize?: number; cursor?: string } = {},
  ): Promise<{ files: BlobMeta[]; cursor?: string }> {
    return this.#run('list', signal, async () => {
      checkInteger('pageSize', pageSize, 1, MAX_PAGE)
      const after = cursor === undefined ? '' : checkPrefix(Buffer.from(cursor, 'base64url').toString())
      const files: BlobMeta[] = []
      for await (const meta of this.#driver.walk(checkPrefix(prefix), after, signal)) {
        const last = files.at(-1)
        if (files.length === pageSize && last) return { files, cursor: Buffer.from(last.key).toString('base64url') }
        files.push(meta)
      }
      return { files }
    })
  }

  /** All objects whose key starts with `prefix`, by UTF-8 bytes. */
  async *listAll(prefix: string, { signal }: CallOptions = {}): AsyncIterable<BlobMeta> {
    this.#observer.check(signal)
    try {
      for await (const meta of this.#driver.walk(checkPrefix(prefix), '', signal)) {
        this.#observer.check(signal)
        yield meta
      }
    } catch (err) {
      throw this.#observer.wrap('list', err)
    }
  }

  /** A URL that lets its holder read the object for a while. The object need not exist. */
  signUrl(key: string, { expiresS = WEEK_S, disposition, contentType }: SignOptions = {}): Promise<string> {
    return this.#run('sign', undefined, () => {
      checkInteger('expiresS', expiresS, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
      checkHeader('disposition', disposition)
      const shown = checkHeader('contentType', contentType) ?? ''
      return this.#driver.sign(checkKey(key), {
        expiresS: expiresS <= 0 ? WEEK_S : Math.min(expiresS, WEEK_S),
        ...defined('disposition', harmless({ contentType: shown, disposition }).disposition),
        ...defined('contentType', contentType),
      })
    })
  }

  /**
   * What Snug serves for a signed URL (feature `sign.local`): `query` are its parameters. Types that a browser would
   * run come as attachments. Throws `permission_denied` when it has expired or was changed, `not_found`, `out_of_range`.
   */
  openSigned(
    key: string,
    query: Readonly<Record<string, string>>,
    { range, signal }: CallOptions & { range?: Range } = {},
  ): Promise<OpenedBlob> {
    return this.#run('stream', signal, async () => {
      if (this.#driver.verify === undefined)
        throw new AppError('unimplemented', `${this.provider} serves its signed URLs itself`)
      const signed = this.#driver.verify(checkKey(key), query)
      const opened = await this.#open(key, range, signal)
      return { ...opened, meta: harmless({ ...opened.meta, ...signed }) }
    })
  }

  /** Never throws. */
  health(): Promise<Health> {
    return this.#observer.health((signal) => this.#driver.health(signal))
  }

  /** Releases everything; bodies that are being read go on. */
  close(): Promise<void> {
    return this.#observer.close(() => this.#driver.close())
  }

  #run<T>(op: string, signal: AbortSignal | undefined, call: () => Promise<T>): Promise<T> {
    return this.#observer.run(op, async () => call(), signal)
  }

  async #open(key: string, range: Range | undefined, signal: AbortSignal | undefined): Promise<OpenedBlob> {
    checkKey(key)
    const { start = 0, end } = range ?? {}
    checkInteger('range.start', start, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    if (end !== undefined) checkInteger('range.end', end, Math.max(start, 0), Number.MAX_SAFE_INTEGER)
    return this.#driver.open(key, range, signal)
  }
}

const defined = <K extends keyof SignRequest>(name: K, value: SignRequest[K] | undefined): Partial<SignRequest> =>
  value === undefined ? {} : { [name]: value }

function harmless<T extends { contentType: string; disposition?: string | undefined }>(told: T): T {
  if (!ACTIVE_TYPES.test(told.contentType) || /^attachment\b/i.test(told.disposition ?? '')) return told
  const fileName = /;.*/s.exec(told.disposition ?? '')?.[0] ?? ''
  return { ...told, disposition: `attachment${fileName}` }
}
