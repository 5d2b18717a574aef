import { AppError } from '../../../../base/errors.ts'
import type { KvEntry } from '../../driver.ts'
import { getFields, getItems, push, setFields } from './collections.ts'
import { HASH, LIST, type Store, toBytes } from './store.ts'
import { getString, setString } from './strings.ts'

const LIVE = '(expires_at_ms IS NULL OR expires_at_ms > ?)'
const DELETE = `DELETE FROM entry WHERE key = ? AND ${LIVE}`
const DELETE_ANY = 'DELETE FROM entry WHERE key = ?'
const EXPIRE = `UPDATE entry SET expires_at_ms = ? WHERE key = ? AND ${LIVE}`
const META = `SELECT type, expires_at_ms AS expiresAtMs FROM entry WHERE key = ? AND ${LIVE}`
const SIZE = `SELECT count(*) AS size FROM entry WHERE ${LIVE}`
const PAGE = `SELECT key FROM entry WHERE key > ? AND key < ? AND ${LIVE} ORDER BY key LIMIT ?`
const FIRST_PAGE = PAGE.replace('key > ?', 'key >= ?')
/** SQLite sorts every blob behind every text. */
const BEHIND_ALL_TEXT = new Uint8Array(0)

type Meta = { type: number; expiresAtMs: number | null }

/** How many of the keys were alive. Those that had expired are left to the sweeper. */
export const deleteKeys = (store: Store, keys: readonly string[], nowMs: number): number =>
  keys.reduce((count, key) => count + store.run(DELETE, key, nowMs), 0)

export const countKeys = (store: Store, keys: readonly string[], nowMs: number): number =>
  keys.reduce((count, key) => count + (store.get(META, key, nowMs) === undefined ? 0 : 1), 0)

export function expireKey(store: Store, key: string, ttlMs: number, nowMs: number): boolean {
  if (ttlMs <= 0) return store.run(DELETE, key, nowMs) > 0
  return store.run(EXPIRE, nowMs + ttlMs, key, nowMs) > 0
}

export function ttlOf(store: Store, key: string, nowMs: number): number | 'none' | null {
  const meta = store.get<Meta>(META, key, nowMs)
  if (meta === undefined) return null
  return meta.expiresAtMs === null ? 'none' : meta.expiresAtMs - nowMs
}

export const sizeOf = (store: Store, nowMs: number): number => store.get<{ size: number }>(SIZE, nowMs)?.size ?? 0

type ScanPage = { prefix: string; after: string | undefined; limit: number }

/** What comes right behind every text with this prefix, in the order of UTF-8 bytes, which is that of code points. */
function endOf(prefix: string): string | Uint8Array {
  const points = Array.from(prefix, (char) => char.codePointAt(0) ?? 0)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return BEHIND_ALL_TEXT
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}

/** One page of live keys in the order of their bytes. */
export function scanKeys(store: Store, { prefix, after, limit }: ScanPage, nowMs: number): string[] {
  const text = after === undefined ? FIRST_PAGE : PAGE
  return store.all<{ key: string }>(text, after ?? prefix, endOf(prefix), nowMs, limit).map(({ key }) => key)
}

export function dumpKey(store: Store, key: string, nowMs: number): KvEntry | null {
  const meta = store.get<Meta>(META, key, nowMs)
  if (meta === undefined) return null
  const head = { key, ...(meta.expiresAtMs === null ? {} : { expiresAtMs: meta.expiresAtMs }) }
  if (meta.type === HASH) {
    const fields = getFields(store, key, nowMs)
    return { ...head, type: 'hash', value: fields.map(({ name, value }) => [name, toBytes(value)]) }
  }
  if (meta.type === LIST) return { ...head, type: 'list', value: getItems(store, key, 0, -1, nowMs).map(toBytes) }
  return { ...head, type: 'string', value: toBytes(getString(store, key, nowMs) ?? '') }
}

export function restoreKey(store: Store, entry: KvEntry, replace: boolean, nowMs: number): void {
  const { key, expiresAtMs } = entry
  if (!replace && store.get(META, key, nowMs) !== undefined)
    throw new AppError('already_exists', 'the key exists already; give "replace" to write over it')
  store.run(DELETE_ANY, key)
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return
  if (entry.type === 'hash') setFields(store, key, entry.value, nowMs)
  else if (entry.type === 'list') push(store, key, entry.value, 'tail', nowMs)
  else setString(store, key, entry.value, undefined)
  if (expiresAtMs !== undefined) store.run(EXPIRE, expiresAtMs, key, nowMs)
}
