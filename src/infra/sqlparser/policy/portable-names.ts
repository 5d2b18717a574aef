import { SqlParseError } from '../core/errors.ts'
import type { Statement } from '../driver.ts'

/** Reserved in MySQL, plain names elsewhere. */
const REFUSED: ReadonlySet<string> = new Set(['DATABASE', 'DATABASES', 'SCHEMA', 'SCHEMAS'])

/**
 * Refuses table names that one dialect reserves unless they are quoted, so that a statement which works here works
 * there. A rule of Snug above the grammars, not a syntax error of SQLite or PostgreSQL.
 */
export function checkPortableNames(sql: string, statement: Statement): void {
  for (const scope of statement.scopes) {
    for (const { token } of scope.sources) {
      const written = token === undefined ? undefined : statement.tokens[token]
      if (written?.kind !== 'word' || !REFUSED.has(written.text.toUpperCase())) continue
      throw new SqlParseError(`the table name ${written.text} must be quoted`, sql, {
        at: written.start,
        hint: 'it is reserved in MySQL',
      })
    }
  }
}
