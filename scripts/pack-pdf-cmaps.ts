import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'

/**
 * Packs the character maps of PDF.js into one file: `node scripts/pack-pdf-cmaps.ts FOLDER`, where FOLDER is `cmaps`
 * of the package pdfjs-dist in the version that unpdf was built from. Only that folder is needed, not the package,
 * which is thirty times as large. Layout, before compression: length of the list (32 bits), list as JSON
 * (name → offset and length), maps.
 */
const TARGET = new URL('../src/infra/document/parsers/pdf-cmaps.br', import.meta.url)

function pack(folder: string): Uint8Array {
  const list: Record<string, [offset: number, length: number]> = {}
  const maps: Buffer[] = []
  let offset = 0
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.bcmap')) continue
    const bytes = readFileSync(join(folder, file))
    list[file.slice(0, -'.bcmap'.length)] = [offset, bytes.length]
    maps.push(bytes)
    offset += bytes.length
  }
  const json = Buffer.from(JSON.stringify(list))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  return brotliCompressSync(Buffer.concat([length, json, ...maps]))
}

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('usage: node scripts/pack-pdf-cmaps.ts FOLDER')
  process.exitCode = 2
} else {
  writeFileSync(TARGET, pack(folder))
  writeFileSync(new URL('pdf-cmaps.LICENSE', TARGET), readFileSync(join(folder, 'LICENSE')))
}
