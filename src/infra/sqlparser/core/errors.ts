import { AppError } from '../../../base/errors.ts'

export type SqlPosition = { line: number; column: number }

export type SqlParseErrorOptions = {
  /** UTF-16 offset into `sql` where the mistake is; the end of the text when something is missing. */
  at?: number
  /** What to do about it, as a sentence. */
  hint?: string
  cause?: unknown
}

/**
 * A statement, filter or mapping that is refused. `code` is `invalid_argument`; `line` and `column` count from 1, the
 * column in UTF-16 units; `details` carries the three for API clients. The message holds no text in quotes.
 */
export class SqlParseError extends AppError {
  readonly line: number
  readonly column: number
  /** UTF-16 offset into the text that was refused. */
  readonly offset: number
  readonly hint: string | undefined

  constructor(message: string, sql: string, options: SqlParseErrorOptions = {}) {
    const offset = Math.max(0, Math.min(options.at ?? 0, sql.length))
    const { line, column } = positionOf(sql, offset)
    const { hint, cause } = options
    super('invalid_argument', `${message} (line ${line}, column ${column})${hint === undefined ? '' : `: ${hint}`}`, {
      cause,
      details: { line, column, ...(hint === undefined ? {} : { hint }) },
    })
    this.offset = offset
    this.line = line
    this.column = column
    this.hint = hint
  }
}

/** Line and column, both from 1, of an offset. Lines end with `\n`, `\r\n` or `\r`. */
export function positionOf(sql: string, offset: number): SqlPosition {
  const lines = sql.slice(0, offset).split(/\r\n|\r|\n/)
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}
