import { CsvError, parse } from 'csv-parse/sync'
import { AppError } from '../../../base/errors.ts'
import { decodeText, detectEncoding } from '../encoding.ts'
import type { ParseContext } from '../parse.ts'
import { RowReader } from '../rows.ts'

const DELIMITERS = [',', ';', '\t', '|']
const SAMPLE_BYTES = 64 * 1024
const SAMPLE_LINES = 20
const MAX_RECORD_BYTES = 16 * 1024 ** 2
/** Thrown to leave the library's loop early. */
const ENOUGH = Symbol('enough rows')

/**
 * CSV by RFC 4180: the first line names the columns, each further one is a row. The delimiter is the one of
 * `, ; tab |` that fits best; empty lines are skipped.
 */
export function parseCsv(source: Uint8Array, context: ParseContext): void {
  const warn = (text: string) => context.sink.warn(text)
  const plain = detectEncoding(source).encoding === 'utf-8'
  const input = plain ? source : decodeText(source, warn)
  const sample = typeof input === 'string' ? input.slice(0, SAMPLE_BYTES) : decode(input.subarray(0, SAMPLE_BYTES))
  const reader = new RowReader(context, { unnamed: 'cut' })
  try {
    parse(input, {
      bom: true,
      delimiter: delimiterOf(sample),
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: MAX_RECORD_BYTES,
      on_record: (record: string[]) => {
        if (!reader.push(record)) throw ENOUGH
        return null
      },
    })
  } catch (err) {
    if (err !== ENOUGH) throw err instanceof CsvError ? damaged(err) : err
  }
  reader.finish()
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function damaged(err: CsvError): AppError {
  if (err.code === 'CSV_QUOTE_NOT_CLOSED')
    return new AppError('corrupt', 'the CSV file opens a quotation mark that it never closes', { cause: err })
  if (err.code === 'CSV_MAX_RECORD_SIZE')
    return new AppError('resource_exhausted', 'one row of the CSV file is longer than 16 MiB', { cause: err })
  return new AppError('corrupt', `the CSV file cannot be read: ${err.message.slice(0, 120)}`, { cause: err })
}

/** The delimiter that cuts most of the first lines into as many cells as the header, then into the most. */
function delimiterOf(sample: string): string {
  const plain = sample.trimStart().replace(/"(?:[^"]|"")*"/g, '')
  const lines = plain.split(/\r?\n|\r/, SAMPLE_LINES + 1).filter((line) => line !== '')
  const scores = DELIMITERS.map((delimiter) => {
    const [header = 0, ...cells] = lines.slice(0, SAMPLE_LINES).map((line) => line.split(delimiter).length)
    return header < 2 ? 0 : (1 + cells.filter((count) => count === header).length) * 1_000 + Math.min(header, 999)
  })
  return DELIMITERS[scores.indexOf(Math.max(...scores))] ?? ','
}
