import { AppError } from '../../base/errors.ts'
import type { Limits } from './types.ts'
import { storedZip, unzip } from './zip.ts'

/**
 * Checks an Office file and packs its XML parts anew, so that the library reads exactly the bytes that were
 * checked. Pictures and other attachments are left behind. `folder` is where the main part lives (`word/`, `xl/`).
 * Office files have no document type declaration; one is an attempt at entity expansion.
 */
export function openOffice(source: Uint8Array, folder: 'word/' | 'xl/', limits: Limits): Uint8Array {
  const parts = unzip(source, limits, (name) => /\.(xml|rels)$/i.test(name))
  if (!parts.some((part) => part.name.startsWith(folder))) throw wrongKind(folder)
  for (const part of parts)
    if (Buffer.from(part.data.buffer, part.data.byteOffset, part.data.byteLength).includes('<!DOCTYPE'))
      throw new AppError('corrupt', 'the file holds an XML document type declaration, which Office files never do')
  return storedZip(parts)
}

function wrongKind(folder: 'word/' | 'xl/'): AppError {
  const what = folder === 'word/' ? 'a Word document' : 'an Excel workbook'
  return new AppError('corrupt', `the file is not ${what} although its name says so`)
}
