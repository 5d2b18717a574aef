import { AppError } from '../../../base/errors.ts'
import type { ParseContext } from '../parse.ts'
import type { NewBlock } from '../sink.ts'
import { addTable } from '../tables.ts'
import { HtmlTable } from './html-table.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))
const DROPPED = words(
  'script style noscript template svg math iframe object embed canvas audio video nav button select textarea dialog head title',
)
const BLOCKS = words(
  'address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer header hgroup hr html legend li main ol p pre section summary table tbody td tfoot th thead tr ul h1 h2 h3 h4 h5 h6',
)
/** A page footer is boilerplate, the footer of an article or a quotation is not. */
const OWN_FOOTER = words('article main blockquote section')
const ROLES = words('navigation banner contentinfo search')
/** Elements without content, which never close. */
const VOID = words('area base br col hr img input link meta param source track wbr')
type Attributes = Readonly<Record<string, string>>
type List = { ordered: boolean; next: number }

/** Receives the events of the HTML parser and hands blocks to the sink. No recursion: the depth is a counter. */
export class HtmlReader {
  readonly #context: ParseContext
  readonly #open: string[] = []
  readonly #blocks: NewBlock[] = []
  readonly #lists: List[] = []
  readonly #tables: HtmlTable[] = []
  #dropFrom = 0
  #preFrom = 0
  #text = ''
  #title = ''
  #listLines: string[] = []
  #marker = ''
  #hasH1 = false

  constructor(context: ParseContext) {
    this.#context = context
  }

  onopentag(name: string, attributes: Attributes): void {
    if (!VOID.has(name)) this.#open.push(name)
    const max = this.#context.limits.depth
    if (this.#open.length > max)
      throw new AppError('resource_exhausted', `the HTML is nested more than ${max} levels deep`)
    if (this.#dropFrom > 0) return
    if (this.#isDropped(name, attributes)) {
      if (!VOID.has(name)) this.#dropFrom = this.#open.length
      return
    }
    if (BLOCKS.has(name)) this.#endText()
    if (name === 'br') this.#text += '\n'
    else if (name === 'img') this.#text += attributes.alt?.trim() ? ` ${attributes.alt} ` : ''
    else if (name === 'pre') this.#preFrom ||= this.#open.length
    else if (name === 'ul' || name === 'ol')
      this.#lists.push({ ordered: name === 'ol', next: Number.parseInt(attributes.start ?? '1', 10) || 1 })
    else if (name === 'li') this.#openItem()
    else this.#openTablePart(name, attributes)
  }

  ontext(text: string): void {
    if (this.#dropFrom === 0) this.#text += this.#preFrom > 0 ? text : text.replace(/\s+/g, ' ')
    else if (this.#open.at(-1) === 'title' && this.#open[this.#dropFrom - 1] !== 'svg' && this.#title.length < 500)
      this.#title += text
  }

  onclosetag(name: string): void {
    if (VOID.has(name)) return
    const depth = this.#open.length
    this.#open.pop()
    if (this.#dropFrom > 0) {
      if (depth === this.#dropFrom) this.#dropFrom = 0
      return
    }
    if (/^h[1-6]$/.test(name)) this.#closeHeading(Number(name[1]))
    else if (name === 'pre' && depth === this.#preFrom) this.#closeCode()
    else if (BLOCKS.has(name)) this.#endText()
    if (name === 'ul' || name === 'ol') this.#closeList()
    else if (name === 'td' || name === 'th') this.#tables.at(-1)?.closeCell()
    else if (name === 'table') this.#closeTable()
  }

  /** Hands everything over; the title goes first. */
  finish(): void {
    this.#endText()
    this.#endLists()
    const title = oneLine(this.#title)
    if (title !== '' && !this.#hasH1) this.#context.sink.add({ kind: 'heading', text: title, level: 1 })
    for (const block of this.#blocks) {
      if (block.kind !== 'row' || !(block instanceof TableBlock)) this.#context.sink.add(block)
      else addTable(this.#context.sink, block.table.rows, block.table.firstRow())
    }
  }

  #isDropped(name: string, attributes: Attributes): boolean {
    if (DROPPED.has(name) || attributes.hidden !== undefined || attributes['aria-hidden'] === 'true') return true
    if (name === 'footer') return !this.#open.slice(0, -1).some((parent) => OWN_FOOTER.has(parent))
    return ROLES.has(attributes.role ?? '') || /display\s*:\s*none/i.test(attributes.style ?? '')
  }

  #openItem(): void {
    const list = this.#lists.at(-1)
    this.#marker = list?.ordered === true ? `${list.next++}. ` : '- '
  }

  #openTablePart(name: string, attributes: Attributes): void {
    if (name === 'table') this.#tables.push(new HtmlTable())
    const table = this.#tables.at(-1)
    if (name === 'tr') table?.openRow()
    else if (name === 'td' || name === 'th') table?.openCell(name === 'th', attributes.colspan, attributes.rowspan)
  }

  /** The end of a run of text: where it goes depends on what is open. */
  #endText(): void {
    const text = this.#preFrom > 0 ? this.#text : paragraph(this.#text)
    this.#text = ''
    if (text.trim() === '') return
    const table = this.#tables.at(-1)
    if (table?.isCellOpen === true) table.addText(this.#takeMarker() + text)
    else if (this.#lists.length > 0) this.#addLine(text)
    else this.#blocks.push({ kind: 'text', text })
  }

  #takeMarker(): string {
    const marker = this.#marker
    this.#marker = ''
    return marker
  }

  #addLine(text: string): void {
    const indent = '  '.repeat(this.#lists.length - 1)
    const lead = indent + (this.#takeMarker() || '  ')
    this.#listLines.push(lead + text.replaceAll('\n', `\n${indent}  `))
  }

  #closeHeading(level: number): void {
    const text = oneLine(this.#text)
    if (this.#tables.length > 0 || this.#lists.length > 0 || text === '') {
      this.#endText()
      return
    }
    this.#text = ''
    if (level === 1) this.#hasH1 = true
    this.#blocks.push({ kind: 'heading', text, level })
  }

  #closeCode(): void {
    this.#preFrom = 0
    if (this.#tables.length > 0 || this.#lists.length > 0) {
      const code = this.#text.trim()
      this.#text = ''
      if (code !== '') this.#tables.length > 0 ? this.#tables.at(-1)?.addText(code) : this.#addLine(code)
      return
    }
    this.#blocks.push({ kind: 'code', text: this.#text })
    this.#text = ''
  }

  #closeList(): void {
    this.#lists.pop()
    this.#marker = ''
    if (this.#lists.length === 0) this.#endLists()
  }

  /** A list is one block, so that its points stay together. */
  #endLists(): void {
    if (this.#listLines.length === 0) return
    this.#blocks.push({ kind: 'text', text: this.#listLines.join('\n') })
    this.#listLines = []
  }

  #closeTable(): void {
    const table = this.#tables.pop()
    if (table === undefined) return
    table.closeCell()
    const outer = this.#tables.at(-1)
    if (outer?.isCellOpen === true) outer.addText(table.rows.map((row) => row.join(' | ')).join('\n'))
    else if (this.#lists.length > 0) for (const row of table.rows) this.#addLine(row.join(' | '))
    else this.#blocks.push(new TableBlock(table))
  }
}

/** Keeps a table's place among the blocks until the end. */
class TableBlock {
  readonly kind = 'row'
  readonly text = ''
  readonly table: HtmlTable

  constructor(table: HtmlTable) {
    this.table = table
  }
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** Newlines came from `<br>`; the spaces round them and runs of spaces are not shown by a browser either. */
const paragraph = (text: string): string =>
  text
    .replace(/ *\n */g, '\n')
    .replace(/ +/g, ' ')
    .trim()
