import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { AppError, ERROR_CODES, type ErrorCode } from '../../../base/errors.ts'
import { parseDuration } from '../../../base/units.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { DriverEvent, ModelDriver, ModelMessage, ModelRequest } from '../driver.ts'

const Duration = z.string().transform((text, ctx) => {
  try {
    return parseDuration(text)
  } catch {
    ctx.addIssue({ code: 'custom', message: 'is a duration such as 20ms or 1s' })
    return z.NEVER
  }
})
const Count = z.coerce.number().int().min(0).max(1_000_000)
const Failure = z.string().regex(/^[a-z_]+(@\d+)?$/, 'is an error code, or code@pieces as in unavailable@3')

const Params = z.strictObject({
  reply: z.string().optional(),
  reasoning: z.string().default(''),
  chunks: Count.optional(),
  delay: Duration.default(0),
  fail: Failure.optional(),
  fail_times: Count.default(Number.POSITIVE_INFINITY),
  finish: z.enum(['stop', 'length', 'content_filter', 'other']).default('stop'),
  file: z.string().optional(),
})
type Script = z.infer<typeof Params>

/** One entry of a script file: it answers the questions that contain `match`, ignoring case. */
const Entry = z.strictObject({
  match: z.string().default(''),
  reply: z.string(),
  reasoning: z.string().optional(),
  fail: Failure.optional(),
})
type Entry = z.infer<typeof Entry>

/** A failure that a script asked for. */
class ScriptedFailure extends Error {
  override readonly name = 'ScriptedFailure'
  readonly code: ErrorCode
  constructor(code: ErrorCode) {
    super(`the script asked for ${code}`)
    this.code = code
  }
}

const textOf = (content: ModelMessage['content']): string =>
  typeof content === 'string'
    ? content
    : content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n')

function fill(template: string, request: ModelRequest): string {
  const lines = (messages: readonly ModelMessage[]) => messages.map((m) => `${m.role}: ${textOf(m.content)}`).join('\n')
  const all = request.messages
  const at = all.findLastIndex((m) => m.role === 'user')
  const values: Readonly<Record<string, () => string>> = {
    question: () => textOf(all[at]?.content ?? ''),
    system: () => lines(all.filter((m) => m.role === 'system')).replace(/^system: /, ''),
    history: () => lines(all.slice(0, at).filter((m) => m.role !== 'system')),
    params: () => JSON.stringify(request.params ?? {}),
  }
  return template.replace(/\{\{(\w+)\}\}/g, (all, name: string) => values[name]?.() ?? all)
}

/** The text in pieces: words with the blanks before them, or exactly `count` pieces when that is given. */
function cut(text: string, count: number | undefined): string[] {
  if (count === undefined) return text.match(/\s*\S+|\s+$/g) ?? []
  const chars = Array.from(text)
  while (chars.length > 0 && chars.length < count) chars.push(...Array.from(` ${text}`))
  return Array.from({ length: count }, (_, i) =>
    chars.slice(Math.floor((i * chars.length) / count), Math.floor(((i + 1) * chars.length) / count)).join(''),
  )
}

function parseFailure(text: string, pieces: number): { code: ErrorCode; after: number } {
  const [name, at] = text.split('@')
  const code = ERROR_CODES.find((known) => known === name) ?? 'unknown'
  return { code, after: at === undefined ? Math.floor(pieces / 2) : Math.min(Number(at), pieces) }
}

async function readEntries(path: string, home: string | undefined): Promise<Entry[]> {
  try {
    return z.array(Entry).parse(JSON.parse(await readFile(resolve(home ?? '.', path), 'utf8')))
  } catch (err) {
    const what = 'scripted: parameter "file": must name a JSON list of {match, reply, reasoning?, fail?}'
    throw new AppError('invalid_argument', what, { cause: err })
  }
}

/**
 * `scripted:?reply=…&chunks=50&delay=0ms` – answers what it is told to, the same every time. For tests and benches.
 *
 * `reply`, `reasoning`: templates with `{{question}}`, `{{system}}`, `{{history}}`, `{{params}}`; by default the
 * question comes back. `chunks`: exactly that many text events, the reply repeated as far as needed (otherwise one per
 * word). `delay`: the wait before each event. `fail`: an error code, `code@n` after n pieces (otherwise halfway);
 * `fail_times`: only the first n answers fail. `finish`: the reason at the end. `file`: a JSON list of entries
 * `{match, reply, reasoning?, fail?}`, the first whose `match` is in the question answers.
 */
export async function open(uri: Uri, options: { home?: string } = {}): Promise<ModelDriver> {
  if (uri.path !== '' || uri.hosts.length > 0)
    throw new AppError('invalid_argument', 'scripted: takes parameters only, as in scripted:?reply=…')
  const params = parseParams(uri, Params)
  for (const name of params.fail === undefined ? [] : [params.fail.split('@')[0]])
    if (!ERROR_CODES.some((code) => code === name))
      throw new AppError('invalid_argument', `scripted: parameter "fail": known codes: ${ERROR_CODES.join(', ')}`)
  const entries = params.file === undefined ? [] : await readEntries(params.file, options.home)
  let failuresLeft = params.fail_times
  return {
    info: { provider: 'scripted', id: 'scripted', name: 'Scripted answers' },
    features: new Set(['vision']),
    stream: (request, signal) => {
      const script = choose(params, entries, request)
      const fails = script.fail !== undefined && failuresLeft > 0
      if (fails) failuresLeft--
      return play(fails ? script : { ...script, fail: undefined }, request, signal)
    },
    health: async () => ({ status: 'up', engine: 'built in', checks: { offline: true } }),
    codeOf: (err) => (err instanceof ScriptedFailure ? err.code : 'unknown'),
    close: async () => undefined,
  }
}

function choose(params: Script, entries: readonly Entry[], request: ModelRequest): Script {
  const question = fill('{{question}}', request).toLowerCase()
  const entry = entries.find((candidate) => question.includes(candidate.match.toLowerCase()))
  return entry === undefined ? params : { ...params, ...entry, reasoning: entry.reasoning ?? params.reasoning }
}

async function* play(script: Script, request: ModelRequest, signal: AbortSignal): AsyncGenerator<DriverEvent> {
  const reasoning = cut(fill(script.reasoning, request), undefined)
  const reply = cut(fill(script.reply ?? '{{question}}', request), script.chunks)
  const pieces: DriverEvent[] = [
    ...reasoning.map((text): DriverEvent => ({ type: 'reasoning', text })),
    ...reply.map((text): DriverEvent => ({ type: 'text', text })),
  ]
  const failure = script.fail === undefined ? undefined : parseFailure(script.fail, pieces.length)
  for (const [i, piece] of pieces.entries()) {
    if (failure?.after === i) throw new ScriptedFailure(failure.code)
    if (script.delay > 0) await sleep(script.delay, undefined, { signal })
    // Others must get their turn, or one long answer would hold up a thousand.
    else if (i % 16 === 15) await nextTurn(undefined, { signal })
    yield piece
  }
  if (failure !== undefined) throw new ScriptedFailure(failure.code)
  yield { type: 'finish', reason: script.finish }
}
