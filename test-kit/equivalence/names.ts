const DAY_MS = 86_400_000
/** How far from now a time may be that the server made: at once, or when a token of one or thirty days expires. */
const DISTANCES_DAYS = [0, 1, 30]
const TOLERANCE_MS = 10_000

const LINK = /https?:\/\/[^\s"\\<>]*(?:\/api\/blob\/|X-Amz-)[^\s"\\<>]*/g
const TOKEN = /\bpat_[\w-]+/g
const LOG_ID = /\b20\d{12}[0-9a-f]{16}\b/g
const DATE = /\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?: \+0000 UTC|Z)?/g
/** Ids have 63 bits; the largest and the smallest number of 64 bits are none. */
const ID = /(?<!\d|\d\.)(?!922337203685477580)\d{18,19}(?!\d|\.\d)/g
const SECONDS = /(?<!\d|\d\.)\d{10}(?:\d{3})?(?!\d|\.\d)/g

/** The number of a row in a database of the user. */
const ROW_ID = 'bstudio_id'
/** How well a passage fits; only the order of the passages of one answer means something. */
const SCORE = 'score'

/**
 * Gives stable names to what differs from run to run: ids by the order of their first appearance, times that are about
 * now, secrets, and addresses. Everything else stays as it is, also times that the script itself wrote.
 */
export class Names {
  readonly #startedMs = Date.now()
  readonly #ids = new Map<string, string>()
  readonly #servers: string[] = []
  /** Keys whose values are not compared at present. */
  hidden: readonly string[] = []

  /** One more address under which the server is known. */
  addServer(url: string): void {
    this.#servers.push(url)
  }

  /**
   * A JSON value with the names in place and the keys of its objects in order. `table` is the database that it is about,
   * if any: the numbers of rows are told by their order in it, since what was rolled back leaves gaps on some engines.
   */
  of(value: unknown, table = ''): unknown {
    if (typeof value === 'string') return this.inText(value)
    if (typeof value === 'number') return this.#isRecent(value < 1e11 ? value * 1000 : value) ? '<time>' : value
    if (Array.isArray(value)) return value.map((item) => this.of(item, table))
    if (typeof value !== 'object' || value === null) return value
    const named = (key: string, item: unknown) => {
      if (key === ROW_ID) return this.#nameOf(`row of ${table}`, String(item))
      if (this.hidden.includes(key)) return '<hidden>'
      return key === SCORE && typeof item === 'number' ? '<score>' : this.of(item, table)
    }
    const pairs = Object.entries(value).map(([key, item]) => [this.inText(key), named(key, item)] as const)
    return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  inText(text: string): string {
    let out = text.replace(LINK, '<link>')
    for (const url of this.#servers) out = out.replaceAll(url, '<server>')
    return out
      .replace(TOKEN, (token) => this.#nameOf('token', token))
      .replace(LOG_ID, '<log id>')
      .replace(DATE, (date) =>
        this.#isRecent(Date.parse(`${date.slice(0, 19).replace(' ', 'T')}Z`)) ? '<time>' : date,
      )
      .replace(ID, (id) => this.#nameOf('id', id))
      .replace(SECONDS, (n) => (this.#isRecent(n.length === 10 ? Number(n) * 1000 : Number(n)) ? '<time>' : n))
  }

  #nameOf(kind: string, value: string): string {
    const key = `${kind} ${value}`
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const number = [...this.#ids.keys()].filter((other) => other.startsWith(`${kind} `)).length + 1
    const name = `<${kind.split(' ')[0]}:${number}>`
    this.#ids.set(key, name)
    return name
  }

  #isRecent(ms: number): boolean {
    const [from, to] = [this.#startedMs - TOLERANCE_MS, Date.now() + TOLERANCE_MS]
    return DISTANCES_DAYS.some((days) => ms >= from + days * DAY_MS && ms <= to + days * DAY_MS)
  }
}
