import type { Dialect } from '../../infra/sqlparser/sqlparser.ts'

/** A backslash takes the meaning of what follows in MySQL only. */
const TOKENS: Readonly<Record<'mysql' | 'other', RegExp>> = {
  mysql: /'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|`(?:[^`]|``)*`|[\p{L}\p{N}_$]+|\S/gsu,
  other: /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[\p{L}\p{N}_$]+|\S/gsu,
}

/** A piece of a statement; `depth` counts the brackets around it. */
export type SqlWord = { text: string; depth: number }

/**
 * The pieces of a statement that the parser has printed (so it holds no comments), words in capitals, texts and quoted
 * names with their quotes. For questions that the parser has no answer to; never for what security alone rests on.
 */
export function sqlWords(dialect: Dialect, sql: string): SqlWord[] {
  let depth = 0
  const words: SqlWord[] = []
  for (const [token] of sql.matchAll(TOKENS[dialect === 'mysql' ? 'mysql' : 'other'])) {
    if (token === ')') depth--
    words.push({ text: /^[\p{L}_]/u.test(token) ? token.toUpperCase() : token, depth })
    if (token === '(') depth++
  }
  return words
}
