import { addAbortSignal, type Readable } from 'node:stream'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { type Clock, systemClock } from '../../../base/clock.ts'
import { AppError, type ErrorCode } from '../../../base/errors.ts'
import type { Uri } from '../../../base/uri.ts'
import type { BlobDriver, BlobMeta, OpenedBlob, PutRequest, PutResult, Range, SignRequest } from '../driver.ts'
import { dropOldUploads, lookAtBucket, needBucket } from './s3/bucket.ts'
import { Client } from './s3/client.ts'
import { codeOf, reasonOf } from './s3/errors.ts'
import { type Answer, deleteAtOf, metadataOf, metaOf, tagsOf } from './s3/meta.ts'
import { type Place, placeOf } from './s3/place.ts'
import { Signer } from './s3/signer.ts'
import { upload } from './s3/upload.ts'
import { walkKeys } from './s3/walk.ts'

const HEADS_AT_ONCE = 32
/** Beyond this S3 copies in pieces only; we read and write instead. */
const MAX_COPY_BYTES = 5 * 1024 ** 3
const MAX_SKEW_MS = 300_000
const WRITE_EVERY_MS = 60_000
/** Ours, in every bucket. */
const OWN = '.snug/'

const outOfRange = (key: string, cause: unknown) =>
  new AppError('out_of_range', 'the range starts behind the end of the blob', { details: { key }, cause })
const notFound = (key: string) => new AppError('not_found', 'there is no such blob', { details: { key } })

/**
 * `s3://[key:secret@]bucket?endpoint=http://host:9000&region=…&path_style=1&public_endpoint=https://…&prefix=…` for AWS,
 * MinIO and other servers of its protocol. Without key and secret they are found as the AWS tools find them. Signed
 * addresses lead to `public_endpoint`, which is what browsers reach. Throws `failed_precondition` when the bucket is missing
 * and must not be made (`create_bucket=0`), `unauthenticated`, `permission_denied`, `unavailable`.
 */
export async function open(uri: Uri, options: { clock?: Clock }): Promise<BlobDriver> {
  const place = placeOf(uri)
  const client = new Client(place)
  try {
    await needBucket(client, place)
  } catch (err) {
    client.sdk.destroy()
    throw err
  }
  void dropOldUploads(client, place)
  return new S3Store(client, place, options.clock ?? systemClock)
}

class S3Store implements BlobDriver {
  readonly provider = 's3'
  readonly features: ReadonlySet<string>
  readonly #client: Client
  readonly #place: Place
  readonly #clock: Clock
  readonly #signer: Signer
  #writeAtMs = 0

  constructor(client: Client, place: Place, clock: Clock) {
    this.features = new Set(isOverFiles(client.seen.server) ? [] : ['keys.any'])
    this.#client = client
    this.#place = place
    this.#clock = clock
    this.#signer = new Signer(place)
  }

  async put(key: string, body: AsyncIterable<Uint8Array>, request: PutRequest): Promise<PutResult> {
    const { contentType, disposition, ifNoneMatch, signal } = request
    const params = {
      ...this.#at(key),
      ContentType: contentType,
      Metadata: metadataOf(request),
      ...(disposition === undefined ? {} : { ContentDisposition: disposition }),
      ...(ifNoneMatch ? { IfNoneMatch: '*' } : {}),
    }
    return upload(this.#client, params, body, { partBytes: this.#place.partBytes, signal })
  }

  async open(key: string, range: Range | undefined, signal: AbortSignal | undefined): Promise<OpenedBlob> {
    const from = range && (await this.#rangeHeader(key, range, signal))
    const command = new GetObjectCommand({ ...this.#at(key), ...(from === undefined ? {} : { Range: from }) })
    const answer = await this.#client.send(command, signal).catch(async (err: unknown) => {
      if (await this.#isMissing(err, signal)) throw notFound(key)
      throw reasonOf(err) === 'out_of_range' ? outOfRange(key, err) : err
    })
    const body = answer.Body as Readable
    try {
      if (this.#isGone(answer)) throw notFound(key)
      const bytes = range && rangeOf(answer)
      const sizeBytes = bytes?.sizeBytes ?? answer.ContentLength ?? 0
      const meta = metaOf(key, answer, sizeBytes)
      if (signal !== undefined) addAbortSignal(signal, body)
      return { meta, body, ...(bytes === undefined ? {} : { range: { start: bytes.start, end: bytes.end } }) }
    } catch (err) {
      body.on('error', () => undefined).destroy()
      throw err
    }
  }

  async head(key: string, signal: AbortSignal | undefined): Promise<BlobMeta | null> {
    const answer = await this.#headAnswer(key, signal)
    if (answer === null || this.#isGone(answer)) return null
    return metaOf(key, answer, answer.ContentLength ?? 0)
  }

  async delete(key: string, signal: AbortSignal | undefined): Promise<void> {
    await this.#client.send(new DeleteObjectCommand(this.#at(key)), signal).catch(async (err: unknown) => {
      if (!(await this.#isMissing(err, signal))) throw err
    })
  }

  async copy(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
    const source = await this.#headAnswer(from, signal)
    if (source === null || this.#isGone(source)) throw notFound(from)
    if (from === to) return
    if ((source.ContentLength ?? 0) > MAX_COPY_BYTES) return this.#copyThrough(from, to, signal)
    const { Bucket, Key } = this.#at(from)
    const path = Key.split('/').map(encodeURIComponent).join('/')
    await this.#client.send(
      new CopyObjectCommand({
        ...this.#at(to),
        CopySource: `${Bucket}/${path}`,
        // said again, because the time of deletion must not come along
        MetadataDirective: 'REPLACE',
        Metadata: metadataOf({ tags: tagsOf(source), deleteAtMs: undefined }),
        ContentType: source.ContentType,
        ContentDisposition: source.ContentDisposition,
      }),
      signal,
    )
  }

  async *walk(prefix: string, after: string, signal: AbortSignal | undefined): AsyncIterable<BlobMeta> {
    let keys: string[] = []
    for await (const key of walkKeys(this.#client, this.#place, { prefix, after, signal })) {
      if (key.startsWith(OWN)) continue
      keys.push(key)
      if (keys.length < HEADS_AT_ONCE) continue
      yield* await this.#heads(keys, signal)
      keys = []
    }
    yield* await this.#heads(keys, signal)
  }

  sign(key: string, request: SignRequest): Promise<string> {
    // Addresses of the same minute are equal where that costs little, so that caches can use them.
    const nowMs = this.#clock() + (this.#isSkewed() ? this.#client.seen.skewMs : 0)
    const signedAtMs = request.expiresS < 3_600 ? nowMs : nowMs - (nowMs % 60_000)
    return this.#signer.sign(this.#at(key).Key, request, new Date(signedAtMs))
  }

  async health(signal: AbortSignal) {
    const { bucket, endpoint = 'aws' } = this.#place
    await this.#probe(signal)
    const { server, skewMs } = this.#client.seen
    const isSkewed = this.#isSkewed()
    return {
      status: isSkewed ? ('degraded' as const) : ('up' as const),
      engine: server === '' ? 's3' : server,
      checks: { bucket, endpoint, clockSkewMs: skewMs },
      ...(isSkewed ? { error: 'the clocks of this machine and of the store differ by more than 5 minutes' } : {}),
    }
  }

  /** Writes every minute, since writing costs money; in between it only asks for the bucket. */
  async #probe(signal: AbortSignal): Promise<void> {
    const nowMs = performance.now()
    if (nowMs < this.#writeAtMs) {
      await this.#client.send(new HeadBucketCommand({ Bucket: this.#place.bucket }), signal)
      return
    }
    await this.#client.send(new PutObjectCommand({ ...this.#at(`${OWN}health`), Body: Buffer.from('ok') }), signal)
    this.#writeAtMs = nowMs + WRITE_EVERY_MS
  }

  codeOf(err: unknown): ErrorCode {
    return codeOf(err)
  }

  async close(): Promise<void> {
    // Idle connections hold nobody up, and destroying the client would cut off bodies that are being read.
    this.#signer.close()
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#place.bucket, Key: this.#place.prefix + key }
  }

  #isSkewed(): boolean {
    return Math.abs(this.#client.seen.skewMs) > MAX_SKEW_MS
  }

  #isGone(answer: Answer): boolean {
    const deleteAtMs = deleteAtOf(answer)
    return deleteAtMs !== undefined && deleteAtMs <= this.#clock()
  }

  async #headAnswer(key: string, signal: AbortSignal | undefined): Promise<Answer | null> {
    try {
      return await this.#client.send(new HeadObjectCommand(this.#at(key)), signal)
    } catch (err) {
      if (await this.#isMissing(err, signal)) return null
      throw err
    }
  }

  /** Whether an error says that there is no such object. A 404 alone may also mean that the bucket or the server is another. */
  async #isMissing(err: unknown, signal: AbortSignal | undefined): Promise<boolean> {
    if (reasonOf(err) !== 'not_found') return false
    if (err instanceof Error && err.name !== 'NoSuchKey') await lookAtBucket(this.#client, this.#place, signal)
    return true
  }

  async #heads(keys: readonly string[], signal: AbortSignal | undefined): Promise<BlobMeta[]> {
    const metas = await Promise.all(keys.map((key) => this.head(key, signal)))
    return metas.filter((meta) => meta !== null)
  }

  /** S3 has no range that starts from the end and ends before it. */
  async #rangeHeader(key: string, { start, end }: Range, signal: AbortSignal | undefined): Promise<string> {
    if (start >= 0) return `bytes=${start}-${end ?? ''}`
    if (end === undefined) return `bytes=${start}`
    const sizeBytes = (await this.#headAnswer(key, signal))?.ContentLength
    if (sizeBytes === undefined) throw notFound(key)
    return `bytes=${Math.max(0, sizeBytes + start)}-${end}`
  }

  async #copyThrough(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
    const { meta, body } = await this.open(from, undefined, signal)
    const { contentType, disposition, tags } = meta
    await this.put(to, body, { contentType, disposition, tags, ifNoneMatch: false, deleteAtMs: undefined, signal })
  }
}

/** Servers that make files and folders of keys cannot hold all of those that AWS holds. */
const isOverFiles = (server: string): boolean => /^(versitygw|minio)/i.test(server)

/** `bytes 2-4/10` → the bytes that come and the size of the whole. */
function rangeOf({ ContentRange }: GetObjectCommandOutput): { start: number; end: number; sizeBytes: number } {
  const [, start, end, sizeBytes] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(ContentRange ?? '') ?? []
  if (sizeBytes === undefined) throw new Error('the server answered a range without saying which')
  return { start: Number(start), end: Number(end), sizeBytes: Number(sizeBytes) }
}
