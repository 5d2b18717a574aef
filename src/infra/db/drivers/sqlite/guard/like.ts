/** A LIKE pattern, taken apart: `%` any run, `_` any one character, the rest literal and folded. */
type Part = { kind: 'any' } | { kind: 'one' } | { kind: 'text'; text: string }

export const fold = (text: string): string => text.toLowerCase()

function partsOf(pattern: string, sign: string): Part[] {
  const parts: Part[] = []
  let literal = ''
  const flush = () => {
    if (literal !== '') parts.push({ kind: 'text', text: fold(literal) })
    literal = ''
  }
  let escaped = false
  for (const char of pattern) {
    if (escaped) {
      literal += char
      escaped = false
    } else if (char === sign) escaped = true
    else if (char === '%' || char === '_') {
      flush()
      if (char === '_') parts.push({ kind: 'one' })
      else if (parts.at(-1)?.kind !== 'any') parts.push({ kind: 'any' })
    } else literal += char
  }
  if (escaped) literal += sign
  flush()
  return parts
}

/** Where `part` ends when it stands at `at`, or -1. */
function endOf(part: Part, text: string, at: number): number {
  if (part.kind === 'text') return text.startsWith(part.text, at) ? at + part.text.length : -1
  const code = text.codePointAt(at)
  return code === undefined ? -1 : at + (code > 0xffff ? 2 : 1)
}

/**
 * Only the last `%` is ever tried again, so the time is at most the product of both lengths: SQLite's own LIKE takes
 * exponential time for patterns with many of them.
 */
function matches(parts: readonly Part[], text: string): boolean {
  let at = 0
  let part = 0
  let retryPart = -1
  let retryAt = 0
  for (;;) {
    const current = parts[part]
    if (current === undefined) {
      if (at === text.length) return true
    } else if (current.kind === 'any') {
      const next = parts[part + 1]
      if (next === undefined) return true
      retryPart = ++part
      retryAt = at
      continue
    } else {
      const end = endOf(current, text, at)
      if (end >= 0) {
        at = end
        part++
        continue
      }
    }
    if (retryPart < 0) return false
    const wanted = parts[retryPart]
    // jump to where the text behind the last % can stand next
    retryAt = wanted?.kind === 'text' ? text.indexOf(wanted.text, retryAt + 1) : retryAt + 1
    if (retryAt < 0 || retryAt > text.length) return false
    at = retryAt
    part = retryPart
  }
}

/** A matcher for one pattern: case does not count, in any script; `sign` takes the meaning from `%`, `_` and itself. */
export function likeMatcher(pattern: string, sign = '\\'): (text: string) => boolean {
  const parts = partsOf(pattern, sign)
  return (text) => matches(parts, fold(text))
}
