import { AppError } from '../../../../base/errors.ts'
import type { BlobMeta, PutRequest } from '../../driver.ts'

/** The answer to a HEAD or GET, as far as we read it. */
export type Answer = {
  ContentLength?: number | undefined
  ETag?: string | undefined
  LastModified?: Date | undefined
  ContentType?: string | undefined
  ContentDisposition?: string | undefined
  Metadata?: Record<string, string> | undefined
}

/**
 * Metadata of ours. Tags are kept here and not as S3's own: those come in a request of their own, and many servers take few
 * characters for them.
 */
const TAGS = 'snug-tags'
const DELETE_AT = 'snug-delete-at'
/** S3 takes 2 KB of metadata. */
const MAX_TAGS_CHARS = 1_900

/** The etag as the rest of Snug knows it: without quotes. */
export const etagOf = (text: string | undefined): string => (text ?? '').replace(/^(W\/)?"|"$/g, '')

/** Throws `invalid_argument` when the tags are too long for S3. */
export function metadataOf({ tags, deleteAtMs }: Pick<PutRequest, 'tags' | 'deleteAtMs'>): Record<string, string> {
  const encoded = tags === undefined ? '' : Buffer.from(JSON.stringify(tags)).toString('base64url')
  if (encoded.length > MAX_TAGS_CHARS)
    throw new AppError('invalid_argument', 'the tags are too long: S3 has room for about 1,400 bytes')
  return {
    ...(encoded === '' ? {} : { [TAGS]: encoded }),
    ...(deleteAtMs === undefined ? {} : { [DELETE_AT]: String(deleteAtMs) }),
  }
}

export function tagsOf(answer: Answer): BlobMeta['tags'] {
  const encoded = answer.Metadata?.[TAGS]
  return encoded === undefined ? undefined : JSON.parse(Buffer.from(encoded, 'base64url').toString())
}

/** Epoch milliseconds from which on the object counts as gone. */
export function deleteAtOf(answer: Answer): number | undefined {
  const text = answer.Metadata?.[DELETE_AT]
  return text === undefined ? undefined : Number(text)
}

export function metaOf(key: string, answer: Answer, sizeBytes: number): BlobMeta {
  const tags = tagsOf(answer)
  return {
    key,
    sizeBytes,
    etag: etagOf(answer.ETag),
    modifiedAtMs: answer.LastModified?.getTime() ?? 0,
    contentType: answer.ContentType ?? 'application/octet-stream',
    ...(answer.ContentDisposition === undefined ? {} : { disposition: answer.ContentDisposition }),
    ...(tags === undefined ? {} : { tags }),
  }
}
