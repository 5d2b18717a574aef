import { AppError } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'

const NAME = /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u
const MAX_LENGTH = 64

/** The name in its one spelling. Throws `invalid_argument` for anything but letters, digits and `_`. */
export function checkName(name: unknown, what: string): string {
  const text = typeof name === 'string' ? name.normalize('NFC') : ''
  if (NAME.test(text) && [...text].length <= MAX_LENGTH && text !== '__proto__') return text
  const rule = `takes a letter or "_", then letters, digits and "_", at most ${MAX_LENGTH} characters`
  throw new AppError('invalid_argument', `the name of ${what} ${rule}`, {
    details: { name: String(name).slice(0, 100) },
  })
}

/** Names with the same key are the same name. */
export const nameKey = (name: string): string => name.normalize('NFC').toLowerCase()

/** A table as the engine knows it. Throws `invalid_argument` when the text is no id. */
export function physicalTable(id: string): string {
  if (typeof id === 'string' && isId(id)) return `user_table_${id}`
  throw new AppError('invalid_argument', 'a table is named by its id')
}

export const physicalColumn = (id: string): string => `f_${id}`

/** What stands where in text of the engine. A suffix is that of a copy while a table is changed. */
export const PHYSICAL_TABLE = /\buser_table_(\d+)(?:__\w+)?\b/g
export const PHYSICAL_COLUMN = /\bf_(\d+)\b/g

/** The ids of the columns that a text of the engine names, in order. */
export const columnsIn = (text: string | undefined): string[] => [
  ...new Set([...(text ?? '').matchAll(PHYSICAL_COLUMN)].map((found) => found[1] ?? '')),
]
