import type { Token } from '../../driver.ts'
import type { KeywordKind } from './keywords.ts'

/** Operators of PostgreSQL that hold a question mark, the longer first. */
const OPERATORS = ['?||', '?-|', '?|', '?&', '?-', '?#', '?']

/** Words after which a value begins although they are no reserved words. */
const BEFORE_VALUE: ReadonlySet<string> = new Set(['by', 'escape', 'between', 'zone', 'first', 'next'])
/** Reserved words that are values themselves. */
const VALUES: ReadonlySet<string> = new Set(
  (
    'null true false end current_date current_time current_timestamp current_user current_role current_catalog ' +
    'localtime localtimestamp session_user system_user user isnull notnull'
  ).split(' '),
)

/** Whether a value ends with this token, so that an operator follows; otherwise a value follows. */
export function endsValue(last: Token | undefined, keywords: ReadonlyMap<string, KeywordKind>): boolean {
  if (last === undefined || last.kind === 'operator') return false
  if (last.kind === 'punctuation') return last.text === ')' || last.text === ']'
  if (last.kind !== 'word' || last.role !== 'keyword') return true
  const word = last.text.toLowerCase()
  if (VALUES.has(word)) return true
  const kind = keywords.get(word)
  return (kind === 'unreserved' || kind === 'column-name') && !BEFORE_VALUE.has(word)
}

/**
 * Splits a run of operator characters that holds `?` into operators and parameters: where a value is due a `?` is a
 * parameter, behind a value it begins an operator of jsonb (`data ? 'key'`, `>?` is `>` and a parameter). Runs without
 * `?` and the parts between come back as they are.
 */
export function splitQuestionMarks(run: string, afterValue: boolean): string[] {
  const parts: string[] = []
  let rest = run
  let isAfterValue = afterValue
  while (rest.includes('?')) {
    const at = rest.indexOf('?')
    const operator = isAfterValue ? operatorAt(rest, at) : undefined
    if (operator !== undefined) {
      parts.push(operator)
      rest = rest.slice(operator.length)
      isAfterValue = false
    } else {
      if (at > 0) parts.push(rest.slice(0, at))
      parts.push(PARAMETER)
      rest = rest.slice(at + 1)
      isAfterValue = true
    }
  }
  if (rest !== '') parts.push(rest)
  return parts
}

/** How `splitQuestionMarks` marks a parameter, apart from the operator `?`. */
export const PARAMETER = '$'

/** The operator with a `?` that a run begins with: one that is known, or what the server would read as one. */
function operatorAt(run: string, at: number): string | undefined {
  const known = ['@?', ...OPERATORS].find((operator) => run.startsWith(operator))
  if (known !== undefined && /^\??$/.test(run.slice(known.length))) return known
  if (at > 0) return undefined
  return run.endsWith('?') ? run.slice(0, -1) : run
}
