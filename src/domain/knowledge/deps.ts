import type { Blob } from '../../infra/blob/blob.ts'
import type { DocumentParser } from '../../infra/document/document.ts'
import type { Embedding } from '../../infra/embedding/embedding.ts'
import type { Search } from '../../infra/search/search.ts'
import type { Context } from '../context.ts'
import type { Files } from '../file/service.ts'

/** What the use cases of knowledge are built from. */
export type KnowledgeDeps = {
  context: Context
  files: Files
  blob: Blob
  search: Search
  embedding: Embedding
  parser: DocumentParser
}

/** The search index of a dataset. */
export const indexOf = (datasetId: string): string => `dataset_${datasetId}`
/** Where the originals of a dataset's documents are kept: all under one prefix, so that they go together. */
export const blobPrefixOf = (datasetId: string): string => `knowledge/${datasetId}/`
