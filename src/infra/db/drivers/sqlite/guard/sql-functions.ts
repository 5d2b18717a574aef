import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { AppError } from '../../../../../base/errors.ts'
import { likeMatcher } from './like.ts'

type Value = SQLOutputValue
/** Integers are returned as `bigint`: SQLite takes a number for a REAL. */
type Fn = (...values: Value[]) => SQLInputValue

const MAX_PATTERNS = 100

/** Keeps what is made from the few patterns that one statement uses. */
function cached<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>()
  return (key) => {
    const found = made.get(key)
    if (found !== undefined) return found
    if (made.size >= MAX_PATTERNS) made.clear()
    const value = make(key)
    made.set(key, value)
    return value
  }
}

const textOf = (value: Value): string => (value instanceof Uint8Array ? Buffer.from(value).toString() : String(value))

/** NULL for any NULL argument, as SQL functions do. */
const strict =
  (call: Fn): Fn =>
  (...values) =>
    values.includes(null) ? null : call(...values)

function likeFunction(): Fn {
  const byPattern = cached((key) => likeMatcher(key.slice(key.indexOf('\0') + 1), key.slice(0, key.indexOf('\0'))))
  return strict((pattern, text, given) => {
    const sign = given === undefined ? '\\' : textOf(given)
    if ([...sign].length > 1) throw new AppError('invalid_argument', 'ESCAPE takes one character')
    return byPattern(`${sign}\0${textOf(pattern ?? null)}`)(textOf(text ?? null)) ? 1n : 0n
  })
}

/** `text_like(pattern, text)`: LIKE that ignores case in any script, `\` escapes. For statements of our own. */
export function addTextLike(db: DatabaseSync): void {
  const options = { deterministic: true, directOnly: true, useBigIntArguments: true, varargs: true }
  db.function('text_like', options, likeFunction())
}

const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

/** Milliseconds of `YYYY-MM-DD[ HH:MM:SS]`; undefined for anything else. */
function timeOf(value: Value | undefined): number | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?/.exec(textOf(value ?? null))
  if (found === null) return undefined
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0))
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  return Number.isNaN(ms) ? undefined : ms
}

const onTime = (call: (date: Date, rest: Value[]) => SQLInputValue): Fn =>
  strict((value, ...rest) => {
    const ms = timeOf(value)
    return ms === undefined ? null : call(new Date(ms), rest)
  })

const pad = (value: number, width = 2): string => String(value).padStart(width, '0')
const MONTHS = 'January February March April May June July August September October November December'.split(' ')
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

/** The letters of MySQL's DATE_FORMAT. */
const DATE_PARTS: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => pad(date.getUTCFullYear(), 4),
  y: (date) => pad(date.getUTCFullYear() % 100),
  m: (date) => pad(date.getUTCMonth() + 1),
  c: (date) => String(date.getUTCMonth() + 1),
  d: (date) => pad(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()),
  H: (date) => pad(date.getUTCHours()),
  k: (date) => String(date.getUTCHours()),
  h: (date) => pad(date.getUTCHours() % 12 || 12),
  I: (date) => pad(date.getUTCHours() % 12 || 12),
  i: (date) => pad(date.getUTCMinutes()),
  s: (date) => pad(date.getUTCSeconds()),
  S: (date) => pad(date.getUTCSeconds()),
  f: () => '000000',
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  M: (date) => MONTHS[date.getUTCMonth()] ?? '',
  b: (date) => (MONTHS[date.getUTCMonth()] ?? '').slice(0, 3),
  W: (date) => DAYS[date.getUTCDay()] ?? '',
  a: (date) => (DAYS[date.getUTCDay()] ?? '').slice(0, 3),
  w: (date) => String(date.getUTCDay()),
  T: (date) => date.toISOString().slice(11, 19),
}

const formatDate = (date: Date, format: string): string =>
  format.replace(/%(.)/g, (_all, letter: string) => DATE_PARTS[letter]?.(date) ?? letter)

const isLess = (left: Value, right: Value): boolean => {
  if (typeof left === 'string' || typeof right === 'string') return textOf(left) < textOf(right)
  return (left ?? 0) < (right ?? 0)
}
const least = (values: Value[]) =>
  values.reduce((best, value) => (isLess(value, best) ? value : best), values[0] ?? null)
const greatest = (values: Value[]) =>
  values.reduce((best, value) => (isLess(best, value) ? value : best), values[0] ?? null)

function regexpFunction(): Fn {
  const compiled = cached((pattern) => {
    try {
      return new RegExp(pattern, 'iu')
    } catch {
      throw new AppError('invalid_argument', 'REGEXP has no valid pattern')
    }
  })
  return strict((pattern, text) => (compiled(textOf(pattern ?? null)).test(textOf(text ?? null)) ? 1n : 0n))
}

const chars = (value: Value | undefined): string[] => [...textOf(value ?? null)]
const count = (value: Value | undefined): number => Math.max(0, Math.trunc(Number(value ?? 0)))

const SAME: Readonly<Record<string, () => Fn>> = {
  like: likeFunction,
  regexp: regexpFunction,
  year: () => onTime((date) => BigInt(date.getUTCFullYear())),
  month: () => onTime((date) => BigInt(date.getUTCMonth() + 1)),
  day: () => onTime((date) => BigInt(date.getUTCDate())),
  hour: () => onTime((date) => BigInt(date.getUTCHours())),
  minute: () => onTime((date) => BigInt(date.getUTCMinutes())),
  second: () => onTime((date) => BigInt(date.getUTCSeconds())),
  date_format: () => onTime((date, [format]) => formatDate(date, textOf(format ?? null))),
  datediff: () => onTime((date, [other]) => daysBetween(date.getTime(), timeOf(other))),
  char_length: () => strict((text) => BigInt(chars(text).length)),
  left: () => strict((text, n) => chars(text).slice(0, count(n)).join('')),
  right: () =>
    strict((text, n) =>
      chars(text)
        .slice(Math.max(0, chars(text).length - count(n)))
        .join(''),
    ),
  greatest: () => strict((...values) => greatest(values)),
  least: () => strict((...values) => least(values)),
}

const daysBetween = (leftMs: number, rightMs: number | undefined): bigint | null =>
  rightMs === undefined ? null : BigInt(Math.floor(leftMs / 86_400_000) - Math.floor(rightMs / 86_400_000))

const CHANGING: Readonly<Record<string, Fn>> = {
  now: () => stamp(Date.now()),
  curdate: () => stamp(Date.now()).slice(0, 10),
  curtime: () => stamp(Date.now()).slice(11),
  rand: () => Math.random(),
  unix_timestamp: (value) => {
    const ms = value === undefined ? Date.now() : timeOf(value)
    return ms === undefined ? null : BigInt(Math.floor(ms / 1000))
  },
}

/** The names of the functions that `addUserFunctions` adds. */
export const USER_FUNCTIONS: readonly string[] = [...Object.keys(SAME), ...Object.keys(CHANGING), 'text_like']

/**
 * What people and models expect of SQL and SQLite lacks: NOW, YEAR, DATE_FORMAT, LEFT, GREATEST, REGEXP and others;
 * and a LIKE that ignores case in any script, escapes by `\` and cannot take exponential time.
 */
export function addUserFunctions(db: DatabaseSync): void {
  const options = { directOnly: true, useBigIntArguments: true, varargs: true }
  for (const [name, make] of Object.entries(SAME)) {
    if (name === 'like') continue
    db.function(name, { ...options, deterministic: true }, make())
  }
  for (const [name, call] of Object.entries(CHANGING)) db.function(name, options, call)
  // the operator looks for LIKE by its number of arguments, so varargs would not replace it
  const like = likeFunction()
  const fixed = { deterministic: true, useBigIntArguments: true }
  db.function('like', fixed, (pattern, text) => like(pattern, text))
  db.function('like', fixed, (pattern, text, sign) => like(pattern, text, sign))
  addTextLike(db)
}
