import { AppError } from '../../base/errors.ts'
import { labelOf } from './parse.ts'
import { DOCUMENT_TYPES, type DocumentType } from './types.ts'

const EXTENSIONS: Readonly<Record<string, DocumentType>> = {
  txt: 'txt',
  text: 'txt',
  log: 'txt',
  md: 'md',
  markdown: 'md',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  pdf: 'pdf',
  docx: 'docx',
  csv: 'csv',
  tsv: 'csv',
  xlsx: 'xlsx',
  json: 'json',
}

type Content = 'pdf' | 'zip' | 'ole' | 'image' | 'other'
const MAGIC: readonly [content: Content, bytes: readonly number[]][] = [
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['ole', [0xd0, 0xcf, 0x11, 0xe0]],
  ['image', [0x89, 0x50, 0x4e, 0x47]],
  ['image', [0xff, 0xd8, 0xff]],
  ['image', [0x47, 0x49, 0x46, 0x38]],
]
/** Readers accept rubbish before the header of a PDF, within this distance. */
const PDF_HEADER_BYTES = 1024

/** By the extension; without one, by the bytes. Throws `invalid_argument` for types that cannot be read. */
export function typeOf(name: string, bytes: Uint8Array): DocumentType {
  const extension = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase()
  const type =
    extension === undefined
      ? byContent(contentOf(bytes), bytes)
      : Object.hasOwn(EXTENSIONS, extension)
        ? EXTENSIONS[extension]
        : undefined
  if (type === undefined) throw unsupported(extension)
  return type
}

/** Throws when the bytes cannot be of this type. An empty file passes: the parser says what is wrong with it. */
export function checkContent(type: DocumentType, bytes: Uint8Array): void {
  if (bytes.length === 0) return
  const content = contentOf(bytes)
  if (type === 'docx' || type === 'xlsx') {
    if (content === 'zip') return
    if (content === 'ole')
      throw new AppError(
        'invalid_argument',
        `the file is protected by a password or in an old Office format; save it as .${type} without a password`,
      )
    throw mismatch(type)
  }
  const fits = type === 'pdf' ? content === 'pdf' : content === 'other' || (content === 'pdf' && !startsWithPdf(bytes))
  if (!fits) throw mismatch(type)
}

const mismatch = (type: DocumentType) =>
  new AppError('corrupt', `the file is not ${labelOf(type)} although its name says so`)

function unsupported(extension: string | undefined): AppError {
  const what = extension === undefined ? 'files of this kind' : `.${extension.slice(0, 16)} files`
  return new AppError('invalid_argument', `${what} cannot be read; supported are ${DOCUMENT_TYPES.join(', ')}`)
}

function contentOf(bytes: Uint8Array): Content {
  const magic = MAGIC.find(([, first]) => first.every((byte, i) => bytes[i] === byte))
  if (magic !== undefined) return magic[0]
  return head(bytes, PDF_HEADER_BYTES).includes('%PDF-') ? 'pdf' : 'other'
}

const head = (bytes: Uint8Array, length: number): string => Buffer.from(bytes.subarray(0, length)).toString('latin1')
const startsWithPdf = (bytes: Uint8Array): boolean => head(bytes, 5) === '%PDF-'

function byContent(content: Content, bytes: Uint8Array): DocumentType | undefined {
  if (content === 'pdf') return 'pdf'
  if (content === 'zip')
    return /word\//.test(head(bytes, 4096)) ? 'docx' : /xl\//.test(head(bytes, 4096)) ? 'xlsx' : undefined
  if (content !== 'other') return undefined
  return /^\s*<(!doctype html|html|head|body)\b/i.test(head(bytes, 512)) ? 'html' : 'txt'
}
