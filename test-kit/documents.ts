import { Document, HeadingLevel, Packer, Paragraph, Table, TableCell, TableRow } from 'docx'
import PDFDocument from 'pdfkit'
import { type Handbook, handbookEn, handbookZh, priceList } from './handbooks.ts'
import { type UnicodePdfOptions, unicodePdf } from './pdf.ts'
import { deflatedSpaces, zipBytes } from './zip.ts'

/** Documents of several pages with questions and the facts that answer them; see `Handbook`. */
export const handbooks: Readonly<Record<'en' | 'zh', Handbook>> = { en: handbookEn, zh: handbookZh }
/** Rows of a price list, the first names the columns. */
export const prices = priceList

/**
 * A PDF, one text per page. Lines that start with `# ` or `## ` are set as headings, blank lines separate
 * paragraphs. Latin text is set by pdfkit; any other script in a font that is named but not embedded.
 */
export async function pdfBytes(pages: readonly string[], options: UnicodePdfOptions = {}): Promise<Uint8Array> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of the standard fonts
  if (pages.some((page) => /[^\u0000-\u00ff\u2013-\u201d\u2022\u20ac]/.test(page))) return unicodePdf(pages, options)
  const pdf = new PDFDocument({ size: 'A4', margin: 72, autoFirstPage: false })
  const parts: Buffer[] = []
  const done = new Promise((resolve) => pdf.on('data', (part) => parts.push(part)).on('end', resolve))
  for (const page of pages) {
    pdf.addPage()
    for (const paragraph of page.split(/\n\n+/)) {
      const level = /^(#+) /.exec(paragraph)?.[1]?.length ?? 0
      pdf.fontSize([11, 20, 15][level] ?? 13).text(paragraph.replace(/^#+ /, ''))
      pdf.moveDown(0.8)
    }
  }
  pdf.end()
  await done
  return Buffer.concat(parts)
}

/** What a Word document can be made of. */
export type DocxBlock =
  | { heading: string; level?: 1 | 2 | 3 }
  | { text: string }
  | { list: readonly string[]; ordered?: boolean }
  | { table: readonly (readonly string[])[] }

const HEADINGS = [HeadingLevel.HEADING_1, HeadingLevel.HEADING_2, HeadingLevel.HEADING_3]

/** A Word document with real heading styles, lists and tables. */
export async function docxBytes(blocks: readonly DocxBlock[]): Promise<Uint8Array> {
  const levels = [{ level: 0, format: 'decimal' as const, text: '%1.' }]
  const document = new Document({
    numbering: { config: [{ reference: 'numbers', levels }] },
    sections: [{ children: blocks.flatMap(docxParts) }],
  })
  return Packer.toBuffer(document)
}

function docxParts(block: DocxBlock): (Paragraph | Table)[] {
  if ('heading' in block)
    return [new Paragraph({ text: block.heading, heading: HEADINGS[(block.level ?? 1) - 1] ?? HeadingLevel.HEADING_3 })]
  if ('text' in block) return [new Paragraph(block.text)]
  if ('list' in block) {
    const style = block.ordered === true ? { numbering: { reference: 'numbers', level: 0 } } : { bullet: { level: 0 } }
    return block.list.map((text) => new Paragraph({ text, ...style }))
  }
  const rows = block.table.map(
    (row) => new TableRow({ children: row.map((cell) => new TableCell({ children: [new Paragraph(cell)] })) }),
  )
  return [new Table({ rows })]
}

/** The blocks of a Word document from Markdown-like text: `#` headings and paragraphs. */
export function docxBlocks(text: string): DocxBlock[] {
  return text.split(/\n\n+/).map((paragraph) => {
    const [, signs, heading] = /^(#{1,3}) (.*)$/s.exec(paragraph) ?? []
    if (signs === undefined || heading === undefined) return { text: paragraph }
    return { heading, level: signs.length as 1 | 2 | 3 }
  })
}

/** A cell of a workbook; dates are set with a date format, a formula carries the value it was saved with. */
export type XlsxCell = string | number | boolean | Date | { formula: string; value: string | number } | null
export type XlsxSheets = Readonly<Record<string, readonly (readonly XlsxCell[])[]>>

/** A workbook with the given sheets; plain rows make one sheet. */
export function xlsxBytes(content: XlsxSheets | readonly (readonly XlsxCell[])[]): Uint8Array {
  const sheets = Object.entries(Array.isArray(content) ? { Sheet1: content } : (content as XlsxSheets))
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const listed = sheets.map(([name], i) => `<sheet name="${xml(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`)
  const links = sheets.map(
    (_, i) => `<Relationship Id="rId${i + 1}" Type="${office}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`,
  )
  return zipBytes([
    { name: '[Content_Types].xml', data: '<Types/>' },
    {
      name: 'xl/workbook.xml',
      data: `<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${listed.join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      data: `<Relationships>${links.join('')}<Relationship Id="rIdS" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    },
    {
      name: 'xl/styles.xml',
      data: `<styleSheet xmlns="${main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>`,
    },
    ...sheets.map(([, rows], i) => ({
      name: `xl/worksheets/sheet${i + 1}.xml`,
      data: `<worksheet xmlns="${main}"><sheetData>${rows.map(xlsxRow).join('')}</sheetData></worksheet>`,
    })),
  ])
}

function xlsxRow(cells: readonly XlsxCell[], index: number): string {
  return `<row r="${index + 1}">${cells.map((cell, i) => xlsxCell(cell, columnName(i) + (index + 1))).join('')}</row>`
}

function xlsxCell(cell: XlsxCell, at: string): string {
  if (cell === null) return ''
  if (typeof cell === 'string')
    return `<c r="${at}" t="inlineStr"><is><t xml:space="preserve">${xml(cell)}</t></is></c>`
  if (typeof cell === 'boolean') return `<c r="${at}" t="b"><v>${cell ? 1 : 0}</v></c>`
  if (cell instanceof Date) return `<c r="${at}" s="1"><v>${cell.getTime() / 86_400_000 + 25_569}</v></c>`
  if (typeof cell === 'number') return `<c r="${at}"><v>${cell}</v></c>`
  const kind = typeof cell.value === 'string' ? ' t="str"' : ''
  return `<c r="${at}"${kind}><f>${xml(cell.formula)}</f><v>${xml(String(cell.value))}</v></c>`
}

/** 0 → A, 25 → Z, 26 → AA. */
const columnName = (index: number): string =>
  (index < 26 ? '' : columnName(Math.floor(index / 26) - 1)) + String.fromCharCode(65 + (index % 26))
const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

export type ZipBombOptions = {
  /** Size when unpacked (default 1 GiB). */
  sizeBytes?: number
  /** The directory claims 1,000 bytes instead. */
  lies?: boolean
  type?: 'docx' | 'xlsx'
}

/** An Office file of about 1 MB that unpacks to 1 GiB. */
export function zipBomb({ sizeBytes = 1024 ** 3, lies = false, type = 'docx' }: ZipBombOptions = {}): Uint8Array {
  const main = type === 'docx' ? 'word/document.xml' : 'xl/workbook.xml'
  return zipBytes([
    { name: '[Content_Types].xml', data: '<Types/>' },
    { name: main, data: '', packed: deflatedSpaces(sizeBytes), claimedBytes: lies ? 1_000 : sizeBytes },
  ])
}

/** Rows as CSV by RFC 4180. */
export function csvText(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) =>
    /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value)
  return rows.map((row) => row.map(cell).join(',')).join('\r\n')
}
