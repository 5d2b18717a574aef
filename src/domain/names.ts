import { AppError } from '../base/errors.ts'

const MAX_NAME_CHARS = 255
/** Control, format (bidirectional overrides), private and unpaired characters: they make a name lie. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu

/**
 * The name of an uploaded file for people: without folders and invisible characters. It never becomes a path.
 * Throws `invalid_argument` naming `field` when nothing is left or it is too long.
 */
export function cleanFileName(name: string, field = 'file'): string {
  if (name.length > 4 * MAX_NAME_CHARS) throw tooLong(field)
  const clean = (name.split(/[/\\]/).at(-1) ?? '').replace(INVISIBLE, '').trim()
  if (/^\.*$/.test(clean)) throw new AppError('invalid_argument', `${field}: the file needs a name`)
  if ([...clean].length > MAX_NAME_CHARS) throw tooLong(field)
  return clean
}

/** A name that a person gave to a thing, on one line. Throws `invalid_argument` naming `field` when nothing is left. */
export function cleanTitle(title: string, field: string): string {
  const clean = title.replace(/\s+/gu, ' ').replace(INVISIBLE, '').trim()
  if (clean === '') throw new AppError('invalid_argument', `${field}: a name is needed`)
  return clean
}

const tooLong = (field: string) =>
  new AppError('invalid_argument', `${field}: the name has more than ${MAX_NAME_CHARS} characters`)

/** What follows the last dot, in lower case: "pdf"; empty when there is nothing usable. */
export const extensionOf = (name: string): string => /[^.]\.([a-z0-9]{1,10})$/.exec(name.toLowerCase())?.[1] ?? ''

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  txt: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  html: 'text/html; charset=utf-8',
  htm: 'text/html; charset=utf-8',
  xml: 'application/xml',
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  mp4: 'video/mp4',
}

/** The media type by the name; what the client declared counts only where the name says nothing. */
export function mediaTypeOf(name: string, declared = ''): string {
  const known = MEDIA_TYPES[extensionOf(name)]
  if (known !== undefined) return known
  return /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/.test(declared) ? declared.toLowerCase() : 'application/octet-stream'
}

/** A Content-Disposition that keeps any name through any client, cut where a header would grow too long. */
export function dispositionOf(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_').slice(0, 100)
  let encoded = ''
  for (const char of name) {
    const next = encodeURIComponent(char).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
    if (encoded.length + next.length > 800) break
    encoded += next
  }
  return `inline; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
