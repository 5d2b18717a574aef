import { AppError } from '../../base/errors.ts'
import { MAX_AVATAR_BYTES } from './types.ts'

/** The media type by what a picture starts with. Not SVG: it is a document that can run code. */
function typeOf(head: string): string | undefined {
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'image/gif'
  return head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP' ? 'image/webp' : undefined
}

/** The media type of a picture by its content, whatever the upload claims. Throws `invalid_argument`. */
export function avatarType(bytes: Uint8Array): string {
  const refuse = (text: string, reason?: string) =>
    new AppError('invalid_argument', `avatar: ${text}`, { details: { field: 'avatar', reason } })
  if (bytes.byteLength > MAX_AVATAR_BYTES) throw refuse('the picture may have 2 MiB at most', 'too_large')
  const type = typeOf(Buffer.from(bytes.subarray(0, 16)).toString('latin1'))
  if (type === undefined) throw refuse('send a PNG, JPEG, GIF or WebP picture')
  return type
}
