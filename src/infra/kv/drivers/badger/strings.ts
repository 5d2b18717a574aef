import { AppError } from '../../../../base/errors.ts'
import { isInt64, parseInt64 } from '../../../../base/int64.ts'
import type { KvValue } from '../../driver.ts'
import { STRING, type Store, toText, wrongType } from './store.ts'

const GET = `SELECT type, value FROM entry WHERE key = ? AND (expires_at_ms IS NULL OR expires_at_ms > ?)`
const UPSERT = `INSERT INTO entry (key, type, value, expires_at_ms) VALUES (?, ${STRING}, ?, ?) ON CONFLICT (key)
  DO UPDATE SET type = ${STRING}, value = excluded.value, id = NULL, head = NULL, tail = NULL, expires_at_ms =`
const SET = `${UPSERT} excluded.expires_at_ms`
const SET_KEEPING_TTL = `${UPSERT} CASE WHEN entry.expires_at_ms > ? THEN entry.expires_at_ms END`
const CHANGE = 'UPDATE entry SET value = ? WHERE key = ?'

export function getString(store: Store, key: string, nowMs: number): KvValue | null {
  const row = store.get<{ type: number; value: KvValue }>(GET, key, nowMs)
  if (row === undefined) return null
  if (row.type !== STRING) throw wrongType()
  return row.value
}

export function setString(store: Store, key: string, value: KvValue, expiresAtMs: number | undefined): void {
  store.run(SET, key, value, expiresAtMs ?? null)
}

export function setStringKeepingTtl(store: Store, key: string, value: KvValue, nowMs: number): void {
  store.run(SET_KEEPING_TTL, key, value, null, nowMs)
}

export function incrementBy(store: Store, key: string, by: bigint, nowMs: number): bigint {
  const value = getString(store, key, nowMs)
  const before = value === null ? 0n : parseInt64(toText(value))
  if (before === undefined) throw new AppError('wrong_type', 'the value is not an integer')
  const sum = before + by
  if (!isInt64(sum)) throw new AppError('out_of_range', 'the sum does not fit into 64 bits')
  if (value === null) setString(store, key, String(sum), undefined)
  else store.run(CHANGE, String(sum), key)
  return sum
}
