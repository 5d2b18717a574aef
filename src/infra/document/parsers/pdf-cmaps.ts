import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'

type Packed = { list: Readonly<Record<string, [offset: number, length: number]>>; maps: Buffer }

/**
 * Serves PDF.js the predefined character maps of Chinese, Japanese and Korean fonts that are not embedded, from one
 * packed file (scripts/pack-pdf-cmaps.ts). Without them such PDFs seem to hold no text. PDF.js makes one instance
 * per document; nothing is read from disk until a document asks.
 */
export class CharacterMaps {
  #packed: Packed | undefined

  /** PDF.js asks for `{ kind: 'cMapUrl', filename: 'UniGB-UCS2-H.bcmap' }`; other kinds we do not have. */
  async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    this.#packed ??= unpack()
    const { list, maps } = this.#packed
    const name = filename.replace(/\.bcmap$/, '')
    const [offset, length] = (kind === 'cMapUrl' && Object.hasOwn(list, name) ? list[name] : undefined) ?? []
    if (offset === undefined || length === undefined) throw new Error(`no such resource: ${kind} ${filename}`)
    return new Uint8Array(maps.subarray(offset, offset + length))
  }
}

function unpack(): Packed {
  const bytes = brotliDecompressSync(readFileSync(new URL('./pdf-cmaps.br', import.meta.url)))
  const end = 4 + bytes.readUInt32LE(0)
  return { list: JSON.parse(bytes.toString('utf8', 4, end)), maps: bytes.subarray(end) }
}
