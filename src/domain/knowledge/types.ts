import { z } from 'zod'
import type { ChunkTable, DatasetTable, DocumentTable } from '../../infra/db/schema.ts'

export type DatasetRow = DatasetTable
export type DocumentRow = DocumentTable
export type ChunkRow = ChunkTable

export const FORMAT = { text: 0, table: 1, image: 2 } as const
export const DATASET_STATUS = { enabled: 1, disabled: 3 } as const
export const DOCUMENT_STATUS = { processing: 0, done: 1, failed: 9 } as const
export const SOURCE = { localFile: 0, webPage: 1, customText: 2, fileId: 5 } as const

/** How documents are cut, as the API says it; kept with the document and given back as it came. */
export const ChunkRule = z.object({
  /** 0 automatic, 1 by separator and length, 2 by headings. */
  chunk_type: z.number().int().min(0).max(2).optional(),
  separator: z.string().max(100).optional(),
  /** Longest chunk, in characters whatever the name says. */
  max_tokens: z.number().int().min(1).max(10_000).optional(),
  remove_extra_spaces: z.boolean().optional(),
  remove_urls_emails: z.boolean().optional(),
  /** Of images: 0 captions by a model, 1 by hand. */
  caption_type: z.number().int().min(0).max(1).optional(),
  /** Percent of a chunk that the next one repeats. */
  overlap: z.number().int().min(0).max(90).optional(),
  max_level: z.number().int().min(1).max(6).optional(),
  save_title: z.boolean().optional(),
})
export type ChunkRule = z.infer<typeof ChunkRule>

/** 1-based. */
export type Page = { number: number; size: number }

export type NewDataset = {
  spaceId: string
  name: string
  description?: string | undefined
  formatType: number
  iconFileId?: string | undefined
}
export type DatasetChange = { name: string; description?: string | undefined; iconFileId?: string | undefined }
export type DatasetFilter = { spaceId: string; name?: string | undefined; formatType?: number | undefined }

/** A dataset with what its documents come to. */
export type DatasetView = DatasetRow & {
  iconUrl: string
  documentCount: number
  chunkCount: number
  hitCount: number
  sizeBytes: number
  /** Names of documents, newest first, at most some hundred. */
  documentNames: string[]
  failedNames: string[]
  processing: { id: string; name: string }[]
}

export type DocumentSource =
  | { kind: 'bytes'; bytes: Uint8Array; type?: string | undefined }
  | { kind: 'file'; fileId: string }
  | { kind: 'text'; text: string }
export type NewDocument = {
  name: string
  source: DocumentSource
  updateType?: number | undefined
  updateInterval?: number | undefined
  /** Of an image: what it shows. */
  caption?: string | undefined
}
export type NewDocuments = {
  datasetId: string
  documents: readonly NewDocument[]
  /** As the caller names the kind of the dataset; must be right. */
  formatType?: number | undefined
  rule?: ChunkRule | undefined
}
export type DocumentChange = {
  name?: string | undefined
  updateType?: number | undefined
  updateInterval?: number | undefined
}
export type DocumentFilter = { documentIds?: readonly string[] | undefined; keyword?: string | undefined }

/** How far the indexing of a document has come. */
export type DocumentProgress = {
  document: DocumentRow
  /** A signed address of the original. */
  url: string
  /** 0…100; 100 also when it failed. */
  percent: number
  remainingS: number
}

/** An image with its caption, empty while nobody wrote one. */
export type ImageView = { document: DocumentRow; caption: string; url: string }
export type ImageFilter = { keyword?: string | undefined; hasCaption?: boolean | undefined }

export type RecallStrategy = 'semantic' | 'hybrid' | 'full_text'
export type RecallOptions = {
  /** 1…100; default 3. */
  topK?: number
  /** 0…1, on the normalised score; default 0. */
  minScore?: number
  /** `semantic` by default; it becomes `hybrid` when the embedding only knows words. */
  strategy?: RecallStrategy
  signal?: AbortSignal
}

/** What a document still waits for. */
export type IndexTask = { datasetId: string; documentId: string }
