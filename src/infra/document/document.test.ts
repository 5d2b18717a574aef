import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pdfBytes } from '../../../test-kit/documents.ts'
import { chunkDocument, parseDocument } from './document.ts'

test('a PDF becomes chunks with their page and headings', async () => {
  const pdf = await pdfBytes(['# Handbook\n\nWork starts at nine.', 'Lunch is at noon.'])
  const chunks = chunkDocument(await parseDocument(pdf, { type: 'pdf' }), { type: 'auto' })
  assert.deepEqual(chunks, [
    { content: 'Handbook\nWork starts at nine.\n\nLunch is at noon.', kind: 'text', page: 1, path: ['Handbook'] },
  ])
})
