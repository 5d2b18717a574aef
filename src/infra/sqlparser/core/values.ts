import type { InsertShape, Token } from '../driver.ts'

/** Marks the comma between two assignments: it stands before the first name of the second, a bracket aside. */
export function widenCommaBefore(tokens: readonly Token[], index: number): void {
  const before = tokens[index - 1]
  const comma = before?.text === '(' ? tokens[index - 2] : before
  if (comma?.text === ',') comma.wide = true
}

/** The rows of VALUES behind a token, bracket to bracket; `undefined` when they are not as many as the parser says. */
export function rowsAfter(tokens: readonly Token[], index: number, count: number): InsertShape['rows'] {
  const rows: { open: number; close: number }[] = []
  let depth = 0
  let open = 0
  let isValues = false
  for (let at = index + 1; at < tokens.length && rows.length < count; at += 1) {
    const { kind, text, role } = tokens[at] ?? { kind: 'word', text: '' }
    if (!isValues) isValues = role === 'keyword' && text.toUpperCase() === 'VALUES'
    else if (kind === 'punctuation' && text === '(') {
      depth += 1
      if (depth === 1) open = at
    } else if (kind === 'punctuation' && text === ')') {
      depth -= 1
      if (depth === 0) rows.push({ open, close: at })
    }
  }
  return rows.length === count ? rows : undefined
}
