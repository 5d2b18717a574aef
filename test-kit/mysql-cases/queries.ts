import type { Random } from '../random.ts'

/** Writes queries on the table `notes (id, owner, body)` that reach it in every way there is. */
export function randomQuery(random: Random): string {
  return new QueryWriter(random).query(3)
}

class QueryWriter {
  readonly #random: Random
  #names = 0

  constructor(random: Random) {
    this.#random = random
  }

  query(depth: number): string {
    const kind = depth === 0 ? 0 : this.#random.below(6)
    if (kind === 1) return `${this.#select(depth - 1)} ${this.#one(SET_OPERATIONS)} ${this.#select(depth - 1)}`
    if (kind === 2) return `SELECT d.body FROM (${this.query(depth - 1)}) AS d LIMIT 50`
    if (kind === 3) {
      // The name of the table itself is a good one for hiding behind.
      const name = this.#one(['notes', `c${this.#names++}`])
      const inner = this.#select(depth - 1)
      return `WITH ${name} AS (${inner}) SELECT x.body FROM ${name} AS x, notes AS y LIMIT 50`
    }
    return this.#select(depth)
  }

  #select(depth: number): string {
    const from = [this.#source(depth)]
    for (let joins = this.#random.below(3); joins > 0; joins -= 1) {
      const source = this.#source(depth)
      const on = this.#condition(depth - 1, [...from, source].at(-1)?.alias ?? '')
      from.push({
        alias: source.alias,
        text: this.#one([`, ${source.text}`, ` LEFT JOIN ${source.text} ON ${on}`, ` JOIN ${source.text} ON ${on}`]),
      })
    }
    // Commas bind looser than joins, so they come last.
    from.sort((a, b) => Number(a.text.startsWith(',')) - Number(b.text.startsWith(',')))
    const [first, ...rest] = from
    const alias = this.#one(from.map((source) => source.alias))
    const text = `${first?.text.replace(/^(, | (LEFT )?JOIN )/, '').replace(/ ON .*$/, '')}${rest.map((source) => source.text).join('')}`
    const where = this.#random.below(4) === 0 ? '' : ` WHERE ${this.#condition(depth - 1, alias)}`
    return `SELECT ${this.#value(depth - 1, alias)} AS body FROM ${text}${where}`
  }

  #source(depth: number): { alias: string; text: string } {
    const alias = `n${this.#names++}`
    if (depth > 0 && this.#random.below(4) === 0) {
      const columns = 'SELECT id, owner, body FROM notes'
      return { alias, text: `(${columns} WHERE ${this.#condition(depth - 1, 'notes')}) ${alias}` }
    }
    return { alias, text: this.#one([`notes ${alias}`, `notes AS ${alias}`, `\`notes\` ${alias}`]) }
  }

  #value(depth: number, alias: string): string {
    if (depth > 0 && this.#random.below(4) === 0)
      return `(SELECT MAX(body) FROM notes WHERE ${this.#condition(depth - 1, 'notes')})`
    return this.#one([`${alias}.body`, `CONCAT(${alias}.body, ${alias}.owner)`, `COALESCE(${alias}.body, 'none')`])
  }

  #condition(depth: number, alias: string): string {
    const kind = this.#random.below(depth > 0 ? 9 : 4)
    if (kind === 0) return `${alias}.owner = 2`
    if (kind === 1) return `${alias}.id IN (1, 3) OR 1 = 1`
    if (kind === 2) return `NOT ${alias}.owner = 1`
    if (kind === 3) return `${alias}.body LIKE '%' || TRUE`
    if (kind === 4)
      return `${this.#condition(depth - 1, alias)} ${this.#one(['OR', 'AND', 'XOR', '||'])} ${this.#condition(depth - 1, alias)}`
    if (kind === 5) return `(${this.#condition(depth - 1, alias)})`
    if (kind === 6) return `EXISTS (SELECT 1 FROM notes WHERE ${this.#condition(depth - 1, 'notes')})`
    if (kind === 7) return `${alias}.body IN (SELECT body FROM notes WHERE notes.owner = ${alias}.owner OR TRUE)`
    return `CASE WHEN ${this.#condition(depth - 1, alias)} THEN 1 ELSE ${alias}.id > 0 END`
  }

  #one(choices: readonly string[]): string {
    return this.#random.pick(choices)
  }
}

const SET_OPERATIONS = ['UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT']
