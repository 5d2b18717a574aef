import { Names } from './names.ts'

/** What was seen of one call. */
export type Entry = {
  step: string
  /** "POST /v1/bot/create {…}" */
  call: string
  /** What came back, line by line; the first is the status. */
  lines: string[]
}

/** Everything that one run of the script saw, in order, with stable names for what differs from run to run. */
export class Log {
  readonly names = new Names()
  readonly entries: Entry[] = []
  #step = ''

  /** Starts a step. `hidden`: keys whose values may differ during it; how often something was found is counted behind. */
  begin(step: string, hidden: readonly string[] = ['hit_count']): void {
    this.#step = step
    this.names.hidden = hidden
  }

  /** Notes a call with what was sent, and what came back: JSON, or the lines of a text. */
  add(call: string, sent: unknown, status: number | string, body: unknown): void {
    const table = tableOf(sent)
    const request = sent === undefined ? '' : ` ${JSON.stringify(this.names.of(sent, table))}`
    const named = this.names.of(body, table)
    const text = typeof named === 'string' ? named : JSON.stringify(named, null, 1)
    const lines = [String(status), ...text.split('\n')]
    this.entries.push({ step: this.#step, call: this.names.inText(call) + request, lines })
  }
}

const tableOf = (sent: unknown): string =>
  typeof sent === 'object' && sent !== null && 'database_id' in sent ? String(sent.database_id) : ''

const CONTEXT_LINES = 4

/** The first place where two logs differ, told with its step and call, or undefined when they are equal. */
export function firstDifference(expected: readonly Entry[], actual: readonly Entry[]): string | undefined {
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const [a, b] = [expected[i], actual[i]]
    if (a === undefined || b === undefined)
      return `call ${i + 1}: ${a === undefined ? 'more' : 'fewer'} calls than expected: ${(a ?? b)?.call}`
    if (a.call !== b.call) return `step "${a.step}", call ${i + 1}: "${a.call}" became "${b.call}"`
    const at = firstDifferentLine(a.lines, b.lines)
    if (at === undefined) continue
    const from = Math.max(0, at - CONTEXT_LINES)
    const part = (lines: readonly string[], mark: string) =>
      lines
        .slice(from, at + CONTEXT_LINES)
        .map((line, k) => `${from + k === at ? mark : ' '} ${line}`)
        .join('\n')
    return [
      `step "${a.step}", call ${i + 1}: ${a.call}, line ${at + 1}`,
      'expected',
      part(a.lines, '-'),
      'actual',
      part(b.lines, '+'),
    ].join('\n')
  }
  return undefined
}

function firstDifferentLine(a: readonly string[], b: readonly string[]): number | undefined {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return i
  return undefined
}
