import { AppError } from '../../base/errors.ts'
import type { DocumentType } from '../../infra/document/document.ts'
import { FORMAT } from './types.ts'

const READABLE: Readonly<Record<string, DocumentType>> = {
  txt: 'txt',
  text: 'txt',
  log: 'txt',
  md: 'md',
  markdown: 'md',
  html: 'html',
  htm: 'html',
  pdf: 'pdf',
  docx: 'docx',
  csv: 'csv',
  tsv: 'csv',
  xlsx: 'xlsx',
  json: 'json',
}
const TABLES: ReadonlySet<string> = new Set<DocumentType>(['csv', 'xlsx', 'json'])
const IMAGES: ReadonlySet<string> = new Set(['jpg', 'jpeg', 'png', 'gif', 'webp', 'bmp'])
const ACCEPTED = {
  [FORMAT.text]: [...new Set(Object.values(READABLE))],
  [FORMAT.table]: [...TABLES],
  [FORMAT.image]: [...IMAGES],
} as const

/**
 * The type under which a document of a dataset is kept, from its extension, with or without a dot. Throws
 * `invalid_argument` naming `field` and what the dataset takes.
 */
export function documentTypeOf(extension: string, formatType: number, field: string): string {
  const name = extension.trim().toLowerCase().replace(/^\./, '')
  const type = formatType === FORMAT.image ? (IMAGES.has(name) ? name : undefined) : READABLE[name]
  if (type !== undefined && (formatType !== FORMAT.table || TABLES.has(type))) return type
  const accepted = ACCEPTED[formatType as keyof typeof ACCEPTED].join(', ')
  const what = name === '' ? 'the type of the file is not known' : `.${name.slice(0, 16)} files cannot be read here`
  throw new AppError('invalid_argument', `${field}: ${what}; supported are ${accepted}`)
}
