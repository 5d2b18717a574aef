import { getDocumentProxy } from 'unpdf'
import { AppError } from '../../../base/errors.ts'
import type { ParseContext } from '../parse.ts'
import { CharacterMaps } from './pdf-cmaps.ts'
import { addPages, type Page } from './pdf-layout.ts'
import { linesOf, type TextRun } from './pdf-lines.ts'

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>

/**
 * A PDF with text: paragraphs, tables by their gaps, headings by their size, each with its page. Pages in
 * `options.skipPages` are left out; pages that cannot be read give a warning. Scans have no text.
 */
export async function parsePdf(source: Uint8Array, context: ParseContext): Promise<void> {
  // PDF.js takes no Buffer.
  const pdf = await open(Buffer.isBuffer(source) ? new Uint8Array(source) : source)
  try {
    const { pages: max } = context.limits
    if (pdf.numPages > max)
      throw new AppError('resource_exhausted', `the PDF has ${pdf.numPages} pages; at most ${max} are read`)
    addPages(context.sink, await readPages(pdf, context))
  } finally {
    await pdf.loadingTask.destroy()
  }
}

async function open(source: Uint8Array): Promise<Pdf> {
  try {
    return await getDocumentProxy(source, {
      verbosity: 0,
      useSystemFonts: false,
      disableFontFace: true,
      enableXfa: false,
      cMapPacked: true,
      useWorkerFetch: false,
      BinaryDataFactory: CharacterMaps,
    })
  } catch (err) {
    if (err instanceof Error && err.name === 'PasswordException')
      throw new AppError('invalid_argument', 'the PDF is protected by a password; save it without one', { cause: err })
    throw err
  }
}

async function readPages(pdf: Pdf, { sink, options }: ParseContext): Promise<Page[]> {
  const skip = new Set(options.skipPages ?? [])
  const pages: Page[] = []
  let failed: unknown
  for (let number = 1; number <= pdf.numPages; number++) {
    if (skip.has(number)) continue
    try {
      const page = await pdf.getPage(number)
      const { items } = await page.getTextContent()
      pages.push({ number, lines: linesOf(items.filter((item): item is TextRun & typeof item => 'str' in item)) })
      page.cleanup()
    } catch (err) {
      failed = err
      sink.warn(`page ${number} could not be read`)
    }
  }
  if (pages.length === 0 && failed !== undefined) throw failed
  return pages
}
