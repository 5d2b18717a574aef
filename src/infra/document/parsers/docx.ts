import mammoth from 'mammoth'
import { openOffice } from '../office.ts'
import type { ParseContext } from '../parse.ts'
import { addHtml } from './html.ts'

const STYLES = ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"]

/** The arrow behind a note, which leads back to its place in the text. */
const BACK_LINK = / ?<a href="#[^"]*note-ref-[^"]*">↑<\/a>/g

/**
 * A Word document, by way of the HTML that mammoth makes of it: headings by their styles, lists, tables. Pictures,
 * headers and footers are left out; the text that tracked changes insert is read, what they delete is not.
 */
export async function parseDocx(source: Uint8Array, context: ParseContext): Promise<void> {
  const buffer = Buffer.from(openOffice(source, 'word/', context.limits))
  const noPictures = mammoth.images.imgElement(async () => ({ src: '' }))
  const { value } = await mammoth.convertToHtml({ buffer }, { styleMap: STYLES, convertImage: noPictures })
  addHtml(value.replace(BACK_LINK, ''), context)
}
