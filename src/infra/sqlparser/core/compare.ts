import type { SqlParserDriver, Statement, Token } from '../driver.ts'
import { type Piece, piece, print } from './print.ts'

const NAMES: ReadonlySet<Token['role']> = new Set(['table', 'schema', 'qualifier', 'column', 'alias', 'name'])

/**
 * A spelling for comparing statements of different dialects: every name in the same quotes, folded as the engine folds
 * it. Meant for tests and for people; the text is not valid in a dialect that quotes otherwise.
 */
export function formatForComparison(driver: SqlParserDriver, { tokens }: Statement, identifierQuote: string): string {
  return print(
    tokens.map((token): Piece => {
      if (!NAMES.has(token.role) || token.kind === 'operator') return token
      const name = driver.nameOf(token).replaceAll(identifierQuote, identifierQuote.repeat(2))
      return piece('quoted', `${identifierQuote}${name}${identifierQuote}`, token.role)
    }),
  )
}
