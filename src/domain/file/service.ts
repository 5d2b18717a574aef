import { AppError, codeOf } from '../../base/errors.ts'
import { formatBytes } from '../../base/units.ts'
import type { Blob } from '../../infra/blob/blob.ts'
import { type Actor, found, spaceIds } from '../actor.ts'
import type { Context } from '../context.ts'
import { cleanFileName, dispositionOf, extensionOf, mediaTypeOf } from '../names.ts'
import { dropBlobs, expectBlobs, keepBlobs } from '../pending-blobs.ts'
import { findFile, insertFile } from './store.ts'
import type { ByteRange, FileRow, NewFile, SignedFile } from './types.ts'

export type FilesDeps = {
  context: Context
  blob: Blob
  /** Larger uploads are refused. */
  maxFileBytes: number
}

type CallOptions = { signal?: AbortSignal }

const tooLarge = (limitBytes: number): AppError =>
  new AppError('invalid_argument', `the file is larger than ${formatBytes(limitBytes)}`, {
    details: { reason: 'too_large' },
  })

/** Types that a browser shows without running anything; all others are only ever saved. */
const SHOWN = /^(image\/(png|jpeg|gif|webp|avif|bmp)|audio\/[\w.-]+|video\/[\w.-]+|application\/pdf|text\/plain)\b/

/** Uploaded files: kept in the blob store, listed in the database, handed out by signed addresses. */
export class Files {
  readonly #deps: FilesDeps

  constructor(deps: FilesDeps) {
    this.#deps = deps
  }

  /** Larger uploads are refused. */
  get maxFileBytes(): number {
    return this.#deps.maxFileBytes
  }

  /**
   * Stores a file of the caller. The body is streamed; when it fails, is cut off or grows over the limit, nothing
   * stays. Throws `invalid_argument` for an unusable name and, with reason `too_large`, for too many bytes.
   */
  async upload(actor: Actor, file: NewFile, { signal }: CallOptions = {}): Promise<FileRow> {
    const { blob, context, maxFileBytes } = this.#deps
    const name = cleanFileName(file.name)
    const id = context.newId()
    const key = blobKey(actor.personalSpaceId, id, name)
    const mediaType = mediaTypeOf(name, file.mediaType)
    const { database, clock } = context
    await expectBlobs(database.db, [key], clock())
    try {
      const { sizeBytes } = await blob.put(key, limited(file.body, maxFileBytes), {
        contentType: mediaType,
        disposition: dispositionOf(name),
        ...(signal ? { signal } : {}),
      })
      const row: FileRow = {
        id,
        space_id: actor.personalSpaceId,
        creator_id: actor.accountId,
        name,
        size_bytes: sizeBytes,
        media_type: mediaType,
        blob_key: key,
        created_at_ms: clock(),
      }
      await database.transaction(async (tx) => {
        await insertFile(tx, row)
        await keepBlobs(tx, [key])
      })
      return row
    } catch (err) {
      await dropBlobs(this.#deps, [key])
      throw err
    }
  }

  /** Throws `not_found`, also for a file of another space. */
  async get(actor: Actor, fileId: string): Promise<FileRow> {
    return found(await findFile(this.#deps.context.database.db, spaceIds(actor), fileId), 'file', 'file_id')
  }

  /** The file and its bytes: read `body` to the end or stop iterating. Throws `not_found`. */
  async open(
    actor: Actor,
    fileId: string,
    options: CallOptions = {},
  ): Promise<{ file: FileRow; body: AsyncIterable<Uint8Array> }> {
    const file = await this.get(actor, fileId)
    const { body } = await this.#deps.blob.stream(file.blob_key, options)
    return { file, body }
  }

  /** The whole file in memory. Throws `not_found`, and `invalid_argument` with reason `too_large`. */
  async read(actor: Actor, fileId: string, maxBytes: number, options: CallOptions = {}): Promise<Uint8Array> {
    const file = await this.get(actor, fileId)
    if (file.size_bytes > maxBytes) throw tooLarge(maxBytes)
    return this.#deps.blob.get(file.blob_key, options)
  }

  /** An address that anyone may read the file by for seven days. */
  url(file: Pick<FileRow, 'blob_key'>): Promise<string> {
    return this.#deps.blob.signUrl(file.blob_key)
  }

  /** The address of an icon; empty without one, when its file was deleted, or lies in a space of a colleague alone. */
  async iconUrl(actor: Actor, fileId: string | null): Promise<string> {
    if (fileId === null) return ''
    try {
      return await this.url(await this.get(actor, fileId))
    } catch (err) {
      if (codeOf(err) === 'not_found') return ''
      throw err
    }
  }

  /**
   * What a signed address stands for. Throws `permission_denied` when it has expired or was changed, `not_found`, and
   * `out_of_range`, with reason `range_not_satisfiable`, for a range behind the end.
   */
  async openSigned(
    key: string,
    query: Readonly<Record<string, string>>,
    options: CallOptions & { range?: ByteRange } = {},
  ): Promise<SignedFile> {
    const { meta, body, range } = await this.#deps.blob.openSigned(key, query, options).catch(explainRange)
    const { etag, sizeBytes, contentType: mediaType, disposition = 'inline' } = meta
    return {
      etag,
      sizeBytes,
      mediaType,
      disposition: SHOWN.test(mediaType) ? disposition : disposition.replace(/^inline\b/i, 'attachment'),
      ...(range ? { range } : {}),
      body,
    }
  }
}

function explainRange(err: unknown): never {
  if (codeOf(err) !== 'out_of_range') throw err
  const details = { reason: 'range_not_satisfiable' }
  throw new AppError('out_of_range', 'the range starts behind the end of the file', { cause: err, details })
}

/** Ids only: whatever a file is called, it can't name another place. */
function blobKey(spaceId: string, id: string, name: string): string {
  const extension = extensionOf(name)
  return `files/${spaceId}/${id}${extension === '' ? '' : `.${extension}`}`
}

/** The file id in the `uri` that an upload answered; `null` for any other text. */
export const fileIdOf = (uri: string): string | null => /^files\/\d+\/(\d+)(\.[a-z0-9]+)?$/.exec(uri)?.[1] ?? null

async function* limited(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncIterable<Uint8Array> {
  let sizeBytes = 0
  for await (const chunk of body) {
    sizeBytes += chunk.length
    if (sizeBytes > maxBytes) throw tooLarge(maxBytes)
    yield chunk
  }
}
