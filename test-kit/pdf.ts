import { deflateSync } from 'node:zlib'

export type UnicodePdfOptions = {
  /**
   * `unicode`: the font says which character each code is, as nearly all modern files do. `predefined`: the codes
   * are those of the character collection Adobe-GB1, as invoices and forms from older Chinese software do.
   */
  font?: 'unicode' | 'predefined'
}

const LINE_CHARS = 34
const LINE_HEIGHT = 18

/** A PDF of text in any script. No font is embedded: the text can be read by programs, not shown everywhere. */
export function unicodePdf(pages: readonly string[], { font = 'unicode' }: UnicodePdfOptions = {}): Uint8Array {
  const codes = new Map<string, number>()
  const codeOf = (char: string): number => {
    if (font === 'predefined') return char.codePointAt(0) ?? 0x20
    const code = codes.get(char) ?? codes.size + 1
    codes.set(char, code)
    return code
  }
  const contents = pages.map((page) => Buffer.from(pageContent(page, codeOf)))
  const kids = pages.map((_, i) => `${6 + i * 2} 0 R`).join(' ')
  const system = font === 'unicode' ? '(Adobe)/Ordering(Identity)/Supplement 0' : '(Adobe)/Ordering(GB1)/Supplement 2'
  const encoding = font === 'unicode' ? '/Identity-H/ToUnicode 5 0 R' : '/UniGB-UCS2-H'
  const subtype = font === 'unicode' ? 'CIDFontType2' : 'CIDFontType0'
  const objects: (string | { dictionary: string; data: Uint8Array })[] = [
    '<</Type/Catalog/Pages 2 0 R>>',
    `<</Type/Pages/Count ${pages.length}/Kids[${kids}]/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>>>`,
    `<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding${encoding}/DescendantFonts[4 0 R]>>`,
    `<</Type/Font/Subtype/${subtype}/BaseFont/STSong-Light/DW 1000/CIDSystemInfo<</Registry${system}>>/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 900/Descent -200/CapHeight 800/StemV 80>>>>`,
    { dictionary: '', data: Buffer.from(toUnicode(codes)) },
    ...contents.flatMap((data, i) => [
      `<</Type/Page/Parent 2 0 R/Contents ${7 + i * 2} 0 R>>`,
      { dictionary: '/Filter/FlateDecode', data: deflateSync(data) },
    ]),
  ]
  return pdfFile(objects)
}

/** Numbers the objects from 1 and adds the cross-reference table. The first object is the catalogue. */
export function pdfFile(objects: readonly (string | { dictionary: string; data: Uint8Array })[]): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from('%PDF-1.7\n')]
  const offsets: number[] = []
  let length = parts[0]?.length ?? 0
  const push = (part: Uint8Array | string) => {
    const bytes = Buffer.from(part)
    parts.push(bytes)
    length += bytes.length
  }
  for (const [i, object] of objects.entries()) {
    offsets.push(length)
    push(`${i + 1} 0 obj\n`)
    if (typeof object === 'string') push(object)
    else {
      push(`<</Length ${object.data.length}${object.dictionary}>>\nstream\n`)
      push(object.data)
      push('\nendstream')
    }
    push('\nendobj\n')
  }
  const start = length
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`)
  push(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries.join('')}`)
  push(`trailer\n<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`)
  return Buffer.concat(parts)
}

function pageContent(page: string, codeOf: (char: string) => number): string {
  const lines: string[] = []
  let y = 780
  for (const paragraph of page.split(/\n\n+/)) {
    const level = /^(#+) /.exec(paragraph)?.[1]?.length ?? 0
    const size = [12, 20, 16][level] ?? 14
    for (const line of wrap(paragraph.replace(/^#+ /, ''))) {
      const codes = [...line].map((char) => codeOf(char).toString(16).padStart(4, '0')).join('')
      lines.push(`BT /F ${size} Tf 1 0 0 1 60 ${y} Tm <${codes}> Tj ET`)
      y -= LINE_HEIGHT
    }
    y -= LINE_HEIGHT
  }
  return lines.join('\n')
}

/** Latin words stay whole, other characters may end a line anywhere. */
function wrap(text: string): string[] {
  const lines: string[] = []
  for (const line of text.split('\n')) {
    let filled: string[] = []
    for (const word of line.match(/[\w@.+-]+|./gsu) ?? []) {
      if (filled.length + [...word].length > LINE_CHARS) {
        lines.push(filled.join(''))
        filled = []
      }
      filled.push(...word)
    }
    lines.push(filled.join(''))
  }
  return lines
}

function toUnicode(codes: ReadonlyMap<string, number>): string {
  const hex = (text: string) => Buffer.from(text, 'utf16le').swap16().toString('hex')
  const chars = [...codes].map(([char, code]) => `<${code.toString(16).padStart(4, '0')}> <${hex(char)}>`)
  const blocks = Array.from({ length: Math.ceil(chars.length / 100) }, (_, i) => chars.slice(i * 100, i * 100 + 100))
  const maps = blocks.map((block) => `${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`).join('\n')
  return `/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def
1 begincodespacerange <0000> <ffff> endcodespacerange
${maps}
endcmap CMapName currentdict /CMap defineresource pop end end`
}
