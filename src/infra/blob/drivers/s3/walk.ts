import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { Client } from './client.ts'
import type { Place } from './place.ts'

const DOTS = /^\.{1,2}$/

export type WalkOptions = { prefix: string; after: string; signal: AbortSignal | undefined }

/** All keys of a prefix behind `after`, as many pages as there are; folder markers are left out. */
export async function* walkKeys(client: Client, place: Place, options: WalkOptions): AsyncGenerator<string> {
  const { bucket, prefix: base } = place
  const { prefix, after, signal } = options
  const segments = prefix.split('/')
  const last = segments.pop() ?? ''
  // No key has such a segment, and some servers are offended by the question.
  if (segments.some((segment) => segment === '' || DOTS.test(segment))) return
  const asked = base + (DOTS.test(last) ? prefix.slice(0, -last.length) : prefix)
  let token: string | undefined
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: asked,
        // some characters of keys are none of XML
        EncodingType: 'url',
        ...(token === undefined ? {} : { ContinuationToken: token }),
        ...(token === undefined && after !== '' ? { StartAfter: base + after } : {}),
      }),
      signal,
    )
    for (const { Key = '' } of page.Contents ?? []) {
      const key = page.EncodingType === 'url' ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key
      if (!key.endsWith('/') && key.startsWith(base + prefix)) yield key.slice(base.length)
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}
