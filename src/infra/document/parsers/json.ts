import { AppError, messageOf } from '../../../base/errors.ts'
import { decodeText } from '../encoding.ts'
import type { ParseContext } from '../parse.ts'
import { rowText } from '../tables.ts'

/** Below this level objects are written out as "a.b: value" instead of getting a heading. */
const MAX_HEADING_LEVEL = 6
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/**
 * JSON for reading: an array of objects becomes rows ("key: value", columns in the order of the first object),
 * an object becomes headings with "key: value" lines under them. A file of one JSON value per line is read as an array.
 */
export function parseJson(source: Uint8Array, context: ParseContext): void {
  const text = decodeText(source, (warning) => context.sink.warn(warning)).trim()
  if (text === '') return
  checkDepth(text, context.limits.depth)
  addValue(parseValue(text), context, 1)
}

function addValue(value: Json, context: ParseContext, level: number): void {
  if (Array.isArray(value)) addArray(value, context, level)
  else if (isObject(value)) addObject(value, context, level)
  else if (value !== null) context.sink.add({ kind: 'text', text: scalarText(value) })
}

function addArray(items: readonly Json[], context: ParseContext, level: number): void {
  if (items.every((item) => !isObject(item) && !Array.isArray(item))) {
    context.sink.add({ kind: 'text', text: items.map((item) => `- ${scalarText(item)}`).join('\n') })
    return
  }
  const max = context.options.maxRows ?? Number.POSITIVE_INFINITY
  const first = items.find(isObject)
  const columns = new Set(first === undefined ? [] : flat(first).keys())
  for (const [i, item] of items.entries()) {
    if (i >= max) {
      context.sink.warn(`only the first ${max} of ${items.length} rows were read`)
      return
    }
    if (!isObject(item)) {
      addValue(item, context, level)
      continue
    }
    const cells = flat(item)
    const names = [...columns, ...[...cells.keys()].filter((name) => !columns.has(name))]
    context.sink.add({
      kind: 'row',
      text: rowText(
        names,
        names.map((name) => cells.get(name) ?? ''),
      ),
    })
  }
}

function addObject(object: { [key: string]: Json }, context: ParseContext, level: number): void {
  const lines: string[] = []
  const deeper: [key: string, value: Json][] = []
  for (const [key, value] of Object.entries(object)) {
    const section = isObject(value) || (Array.isArray(value) && value.some((item) => isObject(item)))
    if (section && level <= MAX_HEADING_LEVEL) deeper.push([key, value])
    else for (const [name, text] of flat({ [key]: value })) if (text !== '') lines.push(`${name}: ${text}`)
  }
  context.sink.add({ kind: 'text', text: lines.join('\n') })
  for (const [key, value] of deeper) {
    context.sink.add({ kind: 'heading', text: key, level })
    addValue(value, context, level + 1)
  }
}

const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const scalarText = (value: Json): string => (value === null ? '' : String(value))

/** Every leaf with its dotted name; a list of plain values is one leaf. */
function flat(object: { [key: string]: Json }): Map<string, string> {
  const leaves = new Map<string, string>()
  const visit = (value: Json, name: string) => {
    if (Array.isArray(value)) {
      if (value.every((item) => typeof item !== 'object')) leaves.set(name, value.map(scalarText).join(', '))
      else for (const [i, item] of value.entries()) visit(item, `${name}.${i + 1}`)
    } else if (isObject(value)) for (const [key, item] of Object.entries(value)) visit(item, `${name}.${key}`)
    else leaves.set(name, scalarText(value))
  }
  for (const [key, value] of Object.entries(object)) visit(value, key)
  return leaves
}

/** Integers beyond 2^53 keep their digits. */
function exact(_key: string, value: Json, context?: { source?: string }): Json {
  const beyond = typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER
  return beyond ? (context?.source ?? value) : value
}

function parseValue(text: string): Json {
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, exact) : JSON.parse(text)
  } catch (err) {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    if (lines.length > 1 && lines.slice(0, 2).every(isJson)) return lines.map((line, i) => parseLine(line, i))
    throw new AppError('corrupt', `the file is not valid JSON: ${messageOf(err).slice(0, 160)}`, { cause: err })
  }
}

function isJson(text: string): boolean {
  try {
    return isObject(JSON.parse(text))
  } catch {
    return false
  }
}

function parseLine(line: string, index: number): Json {
  try {
    return JSON.parse(line)
  } catch (err) {
    throw new AppError('corrupt', `line ${index + 1} of the file is not valid JSON`, { cause: err })
  }
}

/** Before parsing, so that a hostile file does not get as far as a stack overflow. */
function checkDepth(text: string, max: number): void {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (inString) {
      if (c === 0x5c) i++
      else if (c === 0x22) inString = false
    } else if (c === 0x22) inString = true
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > max) throw new AppError('resource_exhausted', `the JSON is nested more than ${max} levels deep`)
    } else if (c === 0x5d || c === 0x7d) depth--
  }
}
