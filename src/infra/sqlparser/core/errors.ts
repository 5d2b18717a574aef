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
  readonly hint: string | undefined

  constructor(message: string, sql: string, options: SqlParseErrorOptions = {}) {
    const { line, column } = positionOf(sql, options.at ?? 0)
    const { hint, cause } = options
    super('invalid_argument', `${message} (line ${line}, column ${column})${hint === undefined ? '' : `: ${hint}`}`, {
      cause,
      details: { line, column, ...(hint === undefined ? {} : { hint }) },
    })
    this.line = line
    this.column = column
    this.hint = hint
  }
}

/** Line and column, both from 1, of an offset. Lines end with `\n`, `\r\n` or `\r`. */
export function positionOf(sql: string, offset: number): SqlPosition {
  const before = sql.slice(0, Math.max(0, Math.min(offset, sql.length)))
  const lines = before.split(/\r\n|\r|\n/)
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}
