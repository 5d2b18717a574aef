import { AppError } from '../../base/errors.ts'
import { MAX_AVATAR_BYTES } from './types.ts'

/** The media type by what a picture starts with. Not SVG: it is a document that can run code. */
function typeOf(head: string): string | undefined {
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'image/gif'
  return head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP' ? 'image/webp' : undefined
}

/**
 * Reads a picture into memory; its media type is that of its content, whatever the upload claims. Throws
 * `invalid_argument` when it is none, and with reason `too_large` as soon as it is over 2 MiB.
 */
export async function readAvatar(body: AsyncIterable<Uint8Array>): Promise<{ bytes: Uint8Array; mediaType: string }> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of body) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > MAX_AVATAR_BYTES) throw refuse('the picture may have 2 MiB at most', 'too_large')
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  const mediaType = typeOf(bytes.subarray(0, 16).toString('latin1'))
  if (mediaType === undefined) throw refuse('send a PNG, JPEG, GIF or WebP picture')
  return { bytes, mediaType }
}

const refuse = (text: string, reason?: string): AppError =>
  new AppError('invalid_argument', `avatar: ${text}`, { details: { field: 'avatar', reason } })
