import { AppError, codeOf, messageOf } from '../../base/errors.ts'
import type { BlockSink } from './sink.ts'
import type { DocumentType, Limits, ParseOptions } from './types.ts'

/** What a parser gets besides the bytes: where the blocks go and how far it may go. */
export type ParseContext = {
  sink: BlockSink
  limits: Limits
  options: TableOptions
}

/** The part of the options that travels to the worker. */
export type TableOptions = Pick<ParseOptions, 'sheet' | 'skipPages' | 'headerLine' | 'firstLine' | 'maxRows' | 'cells'>
export type Parser = (source: Uint8Array, context: ParseContext) => void | Promise<void>

/** Loaded on demand: a text file needs none of the libraries. */
const PARSERS: Readonly<Record<DocumentType, () => Promise<Parser>>> = {
  txt: async () => (await import('./parsers/text.ts')).parseText,
  md: async () => (await import('./parsers/markdown.ts')).parseMarkdown,
  html: async () => (await import('./parsers/html.ts')).parseHtml,
  pdf: async () => (await import('./parsers/pdf.ts')).parsePdf,
  docx: async () => (await import('./parsers/docx.ts')).parseDocx,
  csv: async () => (await import('./parsers/csv.ts')).parseCsv,
  xlsx: async () => (await import('./parsers/xlsx.ts')).parseXlsx,
  json: async () => (await import('./parsers/json.ts')).parseJson,
}

const LABELS: Readonly<Record<DocumentType, string>> = {
  txt: 'a text file',
  md: 'a Markdown file',
  html: 'an HTML file',
  pdf: 'a PDF',
  docx: 'a Word document (.docx)',
  csv: 'a CSV file',
  xlsx: 'an Excel workbook (.xlsx)',
  json: 'a JSON file',
}

/**
 * Reads one document in this thread. Throws an `AppError` whose message a person understands; whatever a library
 * throws counts as `corrupt`, since the same bytes will fail again.
 */
export async function parseHere(type: DocumentType, source: Uint8Array, context: ParseContext): Promise<void> {
  try {
    const parse = await PARSERS[type]()
    await parse(source, context)
  } catch (err) {
    throw readable(type, err)
  }
  if (context.sink.blockCount === 0)
    throw new AppError(
      'invalid_argument',
      type === 'pdf' ? 'no text could be found in the PDF (a scan?)' : 'no text could be found in the file',
    )
}

function readable(type: DocumentType, err: unknown): AppError {
  if (err instanceof AppError) return err
  const text = messageOf(err)
  if (err instanceof RangeError && /call stack/i.test(text))
    return new AppError('resource_exhausted', 'the file is nested too deeply, or one paragraph is too long', {
      cause: err,
    })
  if (err instanceof RangeError || codeOf(err) === 'resource_exhausted')
    return new AppError('resource_exhausted', 'the file needs more memory than one document may use', { cause: err })
  return new AppError('corrupt', `the file is damaged or not ${LABELS[type]}: ${firstLine(text)}`, { cause: err })
}

/** Library messages can be long and may quote the file. */
const firstLine = (text: string): string => text.split('\n', 1)[0]?.slice(0, 120) ?? ''

/** "a PDF", "a Word document (.docx)": for messages. */
export const labelOf = (type: DocumentType): string => LABELS[type]
