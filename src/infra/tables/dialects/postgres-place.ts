import { columnsIn } from '../names.ts'

/** Quotes and comments, blanked out: what is left are the statement's own words, at their places. */
const QUOTED = /[eE]?'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g

/**
 * The column that a value at this place (counted from 1 in code points) of an INSERT or UPDATE is for. Without a place,
 * the one column that the statement writes. Undefined when it is for none, or for one of several.
 */
export function assignedColumn(statement: string, position: number | undefined): string | undefined {
  const plain = statement.replace(QUOTED, (quoted) => quoted.replace(/[^\n]/g, ' '))
  const at = position === undefined ? undefined : [...statement].slice(0, position - 1).join('').length
  return /^\s*insert\b/i.test(plain) ? insertedColumn(plain, at) : updatedColumn(plain, at)
}

function insertedColumn(plain: string, at: number | undefined): string | undefined {
  const head = /^\s*insert\s+into\s+\S+?\s*\(([^)]*)\)\s*(?:overriding\s+\w+\s+value\s*)?values\b/i.exec(plain)
  if (head === null) return undefined
  const columns = columnsIn(head[1])
  if (at === undefined) return columns.length === 1 ? columns[0] : undefined
  let depth = 0
  let place = 0
  for (const sign of plain.slice(head[0].length, at)) {
    if (sign === '(' && ++depth === 1) place = 0
    if (sign === ')') depth--
    if (sign === ',' && depth === 1) place++
  }
  return depth > 0 ? columns[place] : undefined
}

function updatedColumn(plain: string, at: number | undefined): string | undefined {
  const set = /\bset\b/i.exec(plain)
  if (set === null) return undefined
  const end = /\b(where|from|returning)\b/i.exec(plain.slice(set.index))?.index ?? plain.length
  const assignments = [...plain.slice(set.index, set.index + end).matchAll(/"?\bf_(\d+)"?\s*=(?!=)/g)]
  if (at === undefined) return assignments.length === 1 ? assignments[0]?.[1] : undefined
  if (at > set.index + end) return undefined
  return assignments.findLast(({ index }) => set.index + index < at)?.[1]
}
