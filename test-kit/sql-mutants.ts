import type { Random } from './random.ts'

/** Pieces that break out of conditions, hide what follows, or reach for other rows. */
const SNIPPETS = (
  "OR 1=1|OR owner = 2|AND|OR|NOT|(|)|,|.|*|=|<>|-|--|/*|*/|;|'|\"|`|[|]|?|NULL|1|'x'|users|orders|items|u|id|name|" +
  'owner|total|user_id|UNION SELECT name FROM users|UNION ALL SELECT * FROM items|(SELECT max(id) FROM users)|' +
  'FROM orders|, orders|JOIN users ON 1=1|LEFT JOIN items ON 1=1|WHERE owner = 2|WHERE|GROUP BY id|HAVING 1|ORDER BY 1|' +
  'LIMIT 1|AS users|AS owner|WITH users AS (SELECT 1)|IN users|EXISTS (SELECT 1 FROM users)|IN (SELECT id FROM users)|' +
  'CASE WHEN 1 THEN 2 END|users.owner|users.*|DISTINCT|count(*)|OVER ()|COLLATE NOCASE|BETWEEN 1 AND 2|IS NOT|LIKE|' +
  'SELECT|UPDATE|DELETE|INSERT|INTO|VALUES|SET|RETURNING *|ON CONFLICT DO NOTHING|\0|é|😀|\\|::int|->>|||'
).split('|')

const WORDS = /\s+|'(?:[^']|'')*'|"[^"]*"|`[^`]*`|\w+|[^\s\w]/gu

/** A statement with one to four small accidents. */
export function mutate(random: Random, sql: string, others: readonly string[]): string {
  let words: string[] = sql.match(WORDS) ?? []
  for (let left = 1 + random.below(4); left > 0; left -= 1) {
    const at = random.below(words.length + 1)
    const rest = words.slice(at)
    const kind = random.below(7)
    if (kind === 0) words = [...words.slice(0, at), ...rest.slice(1)]
    else if (kind === 1) words = [...words.slice(0, at), ...rest.slice(0, 1), ...rest]
    else if (kind === 2)
      words = [...words.slice(0, at), ...rest.slice(2, 3), ...rest.slice(1, 2), ...rest.slice(0, 1), ...rest.slice(3)]
    else if (kind === 3) words = [...words.slice(0, at), random.pick(SNIPPETS), ...rest.slice(1)]
    else if (kind === 4) {
      const other: string[] = random.pick(others).match(WORDS) ?? []
      const from = random.below(other.length + 1)
      words = [...words.slice(0, at), ' ', ...other.slice(from, from + 1 + random.below(8)), ' ', ...rest]
    } else words = [...words.slice(0, at), ' ', random.pick(SNIPPETS), ' ', ...rest]
  }
  return words.join('')
}

/** Statements that may run for ever: SQLite repeats a CTE that names itself, with the word RECURSIVE or without. */
export const mayLoop = (sql: string): boolean => /\bWITH\b/i.test(sql) && /\b(UNION|RECURSIVE)\b/i.test(sql)
