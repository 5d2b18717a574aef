import { AppError, codeOf, messageOf } from '../../base/errors.ts'
import type { Model, Usage } from '../../infra/model/model.ts'
import type { Dialect, SqlParser } from '../../infra/sqlparser/sqlparser.ts'
import { admittedChange, isChange } from './changes.ts'
import { promptOf, REPAIR } from './nl2sql-prompt.ts'
import { sqlWords } from './sql-words.ts'
import { type FieldType, SYSTEM_COLUMNS } from './types.ts'

/** A table as a model is told of it. */
export type TableSchema = {
  name: string
  description: string
  fields: readonly { name: string; description: string; type: FieldType; isRequired: boolean }[]
  /** Which rows of it may be inserted, updated and deleted; none when it is not given. */
  changes?: 'own' | 'all' | undefined
}

/** Why there is no query: as the model said it, or as we found. */
export const NL2SQL_CODES = { timeout: 3002, noSchema: 3003, unusable: 3004, ambiguous: 3005, refused: 3006 } as const

export type Nl2SqlRequest = {
  /** What the user asked, and what was said before, oldest first. */
  question: string
  history?: readonly { role: 'user' | 'assistant'; content: string }[]
  tables: readonly TableSchema[]
  /** Rows when the model names no limit. */
  maxRows?: number
  timeoutMs?: number
}

/** `sql` is exactly one SELECT on the tables of the request, with a limit, or one change of a table that may be changed. */
export type Nl2SqlResult = { usage: Usage } & ({ ok: true; sql: string } | { ok: false; code: number; message: string })

const DEFAULT_ROWS = 100
const TIMEOUT_MS = 30_000
const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }

/**
 * Asks a model for one query that answers a question. It never runs it. What the model writes is read by the parser of
 * the dialect: anything but one SELECT on the given tables is refused, and the refusal says why; so is all but one
 * INSERT, UPDATE or DELETE on a table whose rows may be changed. An answer that is not what was asked for is asked for once more. Throws `invalid_argument` without tables, `unimplemented` with a model
 * that writes nothing, `canceled`, and what the model throws.
 */
export async function generateSql(
  { model, parser }: { model: Model; parser: SqlParser },
  request: Nl2SqlRequest,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Nl2SqlResult> {
  if (request.tables.length === 0) throw new AppError('invalid_argument', 'there are no tables to ask')
  if (!canGenerate(model))
    throw new AppError('unimplemented', 'this model writes no queries; set MODEL_URI to one that does')
  const timeout = AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS)
  const limited = AbortSignal.any([timeout, ...(signal === undefined ? [] : [signal])])
  const messages = promptOf(request, parser.dialect)
  let usage = NO_USAGE
  try {
    for (let attempt = 0; attempt < 2; attempt++) {
      const { text, usage: used } = await ask(model, messages, limited)
      usage = add(usage, used)
      const answer = readAnswer(text)
      if (answer !== undefined) return { ...admitted(parser, request, answer), usage }
      messages.push({ role: 'assistant', content: text === '' ? '(nothing)' : text }, { role: 'user', content: REPAIR })
    }
  } catch (err) {
    if (!timeout.aborted || signal?.aborted === true) throw err
    return { ok: false, code: NL2SQL_CODES.timeout, message: 'the model took too long to write a query', usage }
  }
  return { ok: false, code: NL2SQL_CODES.unusable, message: 'the model did not answer in JSON', usage }
}

/** Whether a model writes text of its own. */
export const canGenerate = (model: Pick<Model, 'info'>): boolean => model.info.provider !== 'extractive'

async function ask(
  model: Model,
  messages: { role: 'system' | 'user' | 'assistant'; content: string }[],
  signal: AbortSignal,
) {
  let text = ''
  let usage = NO_USAGE
  for await (const event of model.stream({ messages: [...messages], params: { temperature: 0 } }, { signal })) {
    if (event.type === 'text') text += event.text
    if (event.type === 'finish') usage = event.usage
  }
  return { text, usage }
}

type Answer = { sql: string; code: number; message: string }

/** The first JSON object in a text that has `sql` or an error code in it; fences and prose around it are passed over. */
function readAnswer(text: string): Answer | undefined {
  for (
    let start = text.indexOf('{'), tries = 0;
    start !== -1 && tries < 50;
    start = text.indexOf('{', start + 1), tries++
  ) {
    const end = endOfObject(text, start)
    if (end === undefined) continue
    const value = parsed(text.slice(start, end))
    if (value === undefined || !('sql' in value || 'err_code' in value)) continue
    const { sql, err_code: code, err_msg: message } = value
    return { sql: typeof sql === 'string' ? sql : '', code: Number(code) || 0, message: String(message ?? '') }
  }
  return undefined
}

function endOfObject(text: string, start: number): number | undefined {
  let depth = 0
  let quoted = false
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (quoted) {
      if (char === '\\') at++
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === '{') depth++
    else if (char === '}' && --depth === 0) return at + 1
  }
  return undefined
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

type Admitted = { ok: true; sql: string } | { ok: false; code: number; message: string }

/** The query if it may run, or why it may not. */
function admitted(parser: SqlParser, { tables, maxRows = DEFAULT_ROWS }: Nl2SqlRequest, answer: Answer): Admitted {
  const { code, message } = answer
  if (code !== 0 || answer.sql.trim() === '') {
    const reason = message === '' ? 'the model found no query for this question' : message.slice(0, 500)
    return { ok: false, code: code === 0 ? NL2SQL_CODES.noSchema : code, message: reason }
  }
  try {
    const mapping = Object.fromEntries(tables.map((table) => [table.name, { columnMap: columnsOf(table) }]))
    const changeable = tables
      .filter(({ changes }) => changes !== undefined)
      .map((table) => ({ name: table.name, columns: Object.keys(columnsOf(table)) }))
    if (changeable.length > 0 && isChange(parser, answer.sql))
      return { ok: true, sql: admittedChange(parser, answer.sql, { mapping, tables: changeable }) }
    const operation = parser.getSQLOperation(answer.sql)
    if (operation !== 'SELECT') return refused(`only SELECT may be asked of the tables, not ${operation}`)
    const sql = parser.parseAndModifySQL(answer.sql, mapping, { strict: true })
    return { ok: true, sql: withLimit(parser, sql, maxRows) }
  } catch (err) {
    if (codeOf(err) !== 'invalid_argument' && codeOf(err) !== 'permission_denied') throw err
    return refused(messageOf(err))
  }
}

/** What a query may name of a table, by the very names. */
const columnsOf = ({ fields }: TableSchema): Record<string, string> => {
  const names = [SYSTEM_COLUMNS.id, SYSTEM_COLUMNS.createdAt, ...fields.map(({ name }) => name)]
  return Object.fromEntries(names.map((name) => [name, name]))
}

const refused = (message: string): Admitted => ({ ok: false, code: NL2SQL_CODES.refused, message })

/**
 * The statement with a row limit of its own. `sql` is what the parser printed, so it has no comments; the result is read
 * again, and whoever runs it bounds the rows anyway.
 */
export function withLimit(parser: SqlParser, sql: string, maxRows: number): string {
  if (hasLimit(parser.dialect, sql)) return sql
  const limited = `${sql} LIMIT ${maxRows}`
  parser.getSQLOperation(limited)
  return limited
}

/** Whether LIMIT or FETCH stands outside of all brackets, texts and quoted names. */
const hasLimit = (dialect: Dialect, sql: string): boolean =>
  sqlWords(dialect, sql).some(({ text, depth }) => depth === 0 && (text === 'LIMIT' || text === 'FETCH'))

const add = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  totalTokens: a.totalTokens + b.totalTokens,
})
