/** The kinds of files that can be read; the names are the usual extensions. */
export const DOCUMENT_TYPES = ['txt', 'md', 'html', 'pdf', 'docx', 'csv', 'xlsx', 'json'] as const
export type DocumentType = (typeof DOCUMENT_TYPES)[number]

/**
 * One piece of a document in reading order. Text is well-formed, without control characters save `\n` and `\t`,
 * and never blank.
 */
export type Block = {
  /** `row` is one row of a table, written as "header: value; header: value". */
  kind: 'text' | 'heading' | 'code' | 'row'
  text: string
  /** Of a heading: 1…6, 1 is the highest. */
  level?: number
  /** 1-based page of a PDF. */
  page?: number
  /** The headings this block stands under, outermost first; of a heading, itself included. */
  path?: readonly string[]
}

export type ParsedDocument = {
  /** Never empty: a document without text is an error. */
  blocks: Block[]
  /** What a person should know: rows that were cut, an encoding that was guessed. At most 50. */
  warnings: string[]
  /** Code points in all blocks. */
  charCount: number
}

/**
 * A file beyond one of these is refused with `resource_exhausted` (`deadline_exceeded` for the time). Defaults: 100 MiB
 * of input, 1,000,000 rows, 2,000 pages, ratio 200, 512 MiB unzipped, 200,000,000 characters, depth 500, 10 minutes,
 * a quarter of the machine's memory but at most 1 GiB.
 */
export type Limits = {
  inputBytes: number
  /** Rows of all tables together. */
  rows: number
  pages: number
  /** Unzipped ÷ zipped size of a docx or xlsx; small archives (16 MiB unzipped) are exempt. */
  zipRatio: number
  unzippedBytes: number
  /** UTF-16 units of text that a file may yield. */
  chars: number
  /** Nesting of JSON and HTML. */
  depth: number
  timeoutMs: number
  /** What a worker process may use beside the file itself and what Node needs. */
  memoryBytes: number
}

export type ParseOptions = {
  type: DocumentType
  signal?: AbortSignal
  limits?: Partial<Limits>
  /** xlsx: only this sheet, by name or 0-based position. */
  sheet?: string | number
  /** pdf: pages to leave out, 1-based. */
  skipPages?: readonly number[]
  /** csv, xlsx: 0-based line of the column names (default: the first that holds data). */
  headerLine?: number
  /** csv, xlsx: 0-based line of the first row (default: after the header). */
  firstLine?: number
  /** csv, xlsx, json: read at most this many rows and say so in a warning. */
  maxRows?: number
  /**
   * csv, xlsx: the text of each row block is a JSON list of its cells, as wide as the header, which comes first. Sheets
   * stand under headings with their names.
   */
  cells?: boolean
}

/** A document read and cut in one go. */
export type ChunkedDocument = Omit<ParsedDocument, 'blocks'> & { chunks: Chunk[] }

/** A piece of a document to index: what the API calls a slice. Never blank. */
export type Chunk = {
  content: string
  /** `code` and `row` when nothing else is in it. */
  kind: 'text' | 'code' | 'row'
  /** Page on which it begins. */
  page?: number
  /** Headings that hold for all of it. */
  path?: readonly string[]
}

/** How to cut a document. Sizes are Unicode code points. */
export type ChunkStrategy =
  | { type: 'auto' }
  | {
      type: 'custom'
      /** Literal text; `\n`, `\t`, `\r` and `\\` are escapes. Empty = do not split. */
      separator: string
      /** 1…10,000. */
      maxChars: number
      /** 0…90: how much of a full chunk the next one repeats. */
      overlapPercent?: number
      removeExtraSpaces?: boolean
      removeUrlsEmails?: boolean
    }
  | {
      type: 'heading'
      /** 1…6: headings deeper than this stay in the text. */
      maxDepth: number
      /** Begin each chunk with its headings. */
      saveTitle: boolean
      /** 1…10,000, default 2,000: longer sections are cut. */
      maxChars?: number
    }
  /** One row of a table is one chunk, up to 10,000 code points; anything else as `auto`. */
  | { type: 'row' }
