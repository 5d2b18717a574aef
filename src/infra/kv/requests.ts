import { AppError } from '../../base/errors.ts'
import { isInt64, parseInt64 } from '../../base/int64.ts'
import type { Command, KvEntry, KvValue, Replies } from './driver.ts'

/** What may be stored: null as "", booleans as "1" and "0", numbers in plain decimals. */
export type KvArg = string | Uint8Array | number | bigint | boolean | null
export type SetOptions = {
  /** Lifetime in milliseconds; 0 or absent: for ever, which also ends a lifetime that was set before. */
  ttlMs?: number
  /** Leaves the lifetime of the key as it is. */
  keepTtl?: boolean
}

/** A checked call: the command for the driver, and how its reply is read. */
export type Request<T> = { command: Command; read: (reply: never) => T }

const MAX_KEY_BYTES = 4_096
const MAX_VALUE_BYTES = 64 * 1024 ** 2

const invalid = (what: string): AppError => new AppError('invalid_argument', what)

function checkKey(key: string): string {
  if (typeof key !== 'string' || key === '') throw invalid('a key is a text that is not empty')
  if (key.length > MAX_KEY_BYTES / 4 && Buffer.byteLength(key) > MAX_KEY_BYTES)
    throw invalid(`a key has at most ${MAX_KEY_BYTES} bytes`)
  if (!key.isWellFormed()) throw invalid('a key must be well-formed Unicode')
  return key
}

function checkKeys(keys: readonly string[]): readonly string[] {
  if (keys.length === 0) throw invalid('name at least one key')
  return keys.map(checkKey)
}

/** The shortest decimal form without an exponent: 1e21 → "1000000000000000000000". */
function decimal(value: number): string {
  if (!Number.isFinite(value)) throw invalid('NaN and infinity cannot be stored')
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign = '', first = '', rest = '', exponent = '0'] = match
  const digits = first + rest
  const point = 1 + Number(exponent)
  return point <= 0 ? `${sign}0.${'0'.repeat(-point)}${digits}` : `${sign}${digits.padEnd(point, '0')}`
}

function checkValue(value: KvArg): KvValue {
  const encoded = encode(value)
  const tooLong =
    typeof encoded === 'string'
      ? encoded.length > MAX_VALUE_BYTES / 4 && Buffer.byteLength(encoded) > MAX_VALUE_BYTES
      : encoded.byteLength > MAX_VALUE_BYTES
  if (tooLong) throw new AppError('resource_exhausted', 'a value has at most 64 MiB')
  return encoded
}

function encode(value: KvArg): KvValue {
  if (typeof value === 'string' || value instanceof Uint8Array) return value
  if (value === null) return ''
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'number') return decimal(value)
  if (typeof value === 'bigint') return String(value)
  throw invalid('a value is text, bytes, a number, a boolean or null')
}

function checkPosition(index: number): number {
  if (!Number.isSafeInteger(index)) throw invalid('a position in a list is an integer')
  return index
}

/** Whole milliseconds; anything above zero is at least one. */
function checkTtl(ttlMs: number): number {
  if (!Number.isFinite(ttlMs) || ttlMs > Number.MAX_SAFE_INTEGER / 2) throw invalid('a lifetime is in milliseconds')
  return ttlMs > 0 ? Math.max(1, Math.floor(ttlMs)) : Math.ceil(ttlMs)
}

function setTtl(ttlMs: number | undefined): number | undefined {
  if (ttlMs === undefined || ttlMs === 0) return undefined
  if (ttlMs < 0) throw invalid('a lifetime is not negative')
  return checkTtl(ttlMs)
}

function checkIncrement(by: number | bigint): bigint {
  if (typeof by === 'bigint' ? !isInt64(by) : !Number.isSafeInteger(by))
    throw invalid('an increment is an integer of at most 64 bits; beyond 2^53 as a bigint')
  return BigInt(by)
}

function checkEntry(entry: KvEntry): KvEntry {
  checkKey(entry.key)
  if (entry.type !== 'string' && entry.value.length === 0) throw invalid(`an empty ${entry.type} cannot be stored`)
  return entry
}

function toInt(text: string | null): bigint | null {
  if (text === null) return null
  const value = parseInt64(text)
  if (value === undefined) throw new AppError('wrong_type', 'the value is not an integer')
  return value
}

const same = <T>(reply: T): T => reply
const nothing = (): void => undefined

const request = <C extends Command, T>(command: C, read: (reply: Replies[C['op']]) => T): Request<T> => ({
  command,
  read,
})

function push(op: 'lpush' | 'rpush', key: string, values: readonly KvArg[]): Request<number> {
  if (values.length === 0) throw invalid('push at least one value')
  return request({ op, key: checkKey(key), values: values.map(checkValue) }, same<number>)
}

export type HashFields = Readonly<Record<string, KvArg>> | ReadonlyMap<string, KvArg>

/** Every command of the front: checks its arguments (`invalid_argument`) and says how to read the reply. */
export const requests = {
  set: (key: string, value: KvArg, { ttlMs, keepTtl = false }: SetOptions = {}) => {
    if (keepTtl && ttlMs !== undefined) throw invalid('give either ttlMs or keepTtl')
    return request({ op: 'set', key: checkKey(key), value: checkValue(value), ttlMs: setTtl(ttlMs), keepTtl }, nothing)
  },
  get: (key: string) => request({ op: 'get', key: checkKey(key) }, same<string | null>),
  getBuffer: (key: string) => request({ op: 'getBuffer', key: checkKey(key) }, same<Uint8Array | null>),
  getInt: (key: string) => request({ op: 'get', key: checkKey(key) }, toInt),
  incr: (key: string) => request({ op: 'incrBy', key: checkKey(key), by: 1n }, same<bigint>),
  incrBy: (key: string, by: number | bigint) =>
    request({ op: 'incrBy', key: checkKey(key), by: checkIncrement(by) }, same<bigint>),
  hset: (key: string, fields: HashFields) => {
    const pairs: [string, KvArg][] = fields instanceof Map ? [...fields] : Object.entries(fields)
    if (pairs.length === 0) throw invalid('set at least one field')
    const checked = pairs.map(([field, value]) => [field, checkValue(value)] as const)
    return request({ op: 'hset', key: checkKey(key), fields: checked }, same<number>)
  },
  hgetall: (key: string) =>
    request({ op: 'hgetall', key: checkKey(key) }, (pairs): Record<string, string> => Object.fromEntries(pairs)),
  del: (...keys: string[]) => request({ op: 'del', keys: checkKeys(keys) }, same<number>),
  exists: (...keys: string[]) => request({ op: 'exists', keys: checkKeys(keys) }, same<number>),
  expire: (key: string, ttlMs: number) =>
    request({ op: 'expire', key: checkKey(key), ttlMs: checkTtl(ttlMs) }, same<boolean>),
  lpush: (key: string, ...values: KvArg[]) => push('lpush', key, values),
  rpush: (key: string, ...values: KvArg[]) => push('rpush', key, values),
  lindex: (key: string, index: number) =>
    request({ op: 'lindex', key: checkKey(key), index: checkPosition(index) }, same<string | null>),
  lset: (key: string, index: number, value: KvArg) =>
    request({ op: 'lset', key: checkKey(key), index: checkPosition(index), value: checkValue(value) }, nothing),
  lpop: (key: string) => request({ op: 'lpop', key: checkKey(key) }, same<string | null>),
  lrange: (key: string, start: number, stop: number) =>
    request(
      { op: 'lrange', key: checkKey(key), start: checkPosition(start), stop: checkPosition(stop) },
      same<string[]>,
    ),
}

/** The commands for operators and for moving data. */
export const adminRequests = {
  dump: (key: string) => request({ op: 'dump', key: checkKey(key) }, same<KvEntry | null>),
  restore: (entry: KvEntry, { replace = false }: { replace?: boolean } = {}) =>
    request({ op: 'restore', entry: checkEntry(entry), replace }, nothing),
  ttl: (key: string) => request({ op: 'ttl', key: checkKey(key) }, same<number | 'none' | null>),
  size: () => request({ op: 'size' }, same<number>),
  scan: (prefix: string, after: string | undefined, limit: number) =>
    request({ op: 'scan', prefix, after, limit }, same<string[]>),
}
