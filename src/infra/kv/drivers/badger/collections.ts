import { AppError } from '../../../../base/errors.ts'
import type { KvValue } from '../../driver.ts'
import { type Collection, HASH, LIST, type Store } from './store.ts'

const ADD_FIELD = 'INSERT OR IGNORE INTO field (id, name, value) VALUES (?, ?, ?)'
const CHANGE_FIELD = 'UPDATE field SET value = ? WHERE id = ? AND name = ?'
const FIELDS = 'SELECT name, value FROM field WHERE id = ?'
const ADD_ITEM = 'INSERT INTO item (id, seq, value) VALUES (?, ?, ?)'
const ITEM = 'SELECT value FROM item WHERE id = ? AND seq = ?'
const ITEMS = 'SELECT value FROM item WHERE id = ? AND seq BETWEEN ? AND ? ORDER BY seq'
const CHANGE_ITEM = 'UPDATE item SET value = ? WHERE id = ? AND seq = ?'
const REMOVE_ITEM = 'DELETE FROM item WHERE id = ? AND seq = ? RETURNING value'
const MOVE_ENDS = 'UPDATE entry SET head = ?, tail = ? WHERE key = ?'
const REMOVE = 'DELETE FROM entry WHERE key = ?'

type Fields = readonly (readonly [name: string, value: KvValue])[]

/** How many of the fields are new. */
export function setFields(store: Store, key: string, fields: Fields, nowMs: number): number {
  const { id } = store.collection(key, HASH, nowMs) ?? store.create(key, HASH)
  let added = 0
  for (const [name, value] of fields) {
    const isNew = store.run(ADD_FIELD, id, name, value) === 1
    if (isNew) added++
    else store.run(CHANGE_FIELD, value, id, name)
  }
  return added
}

export function getFields(store: Store, key: string, nowMs: number): { name: string; value: KvValue }[] {
  const hash = store.collection(key, HASH, nowMs)
  return hash === undefined ? [] : store.all(FIELDS, hash.id)
}

/** The length after the push. */
export function push(
  store: Store,
  key: string,
  values: readonly KvValue[],
  end: 'head' | 'tail',
  nowMs: number,
): number {
  const list = store.collection(key, LIST, nowMs) ?? store.create(key, LIST)
  let { head, tail } = list
  for (const value of values) store.run(ADD_ITEM, list.id, end === 'head' ? --head : tail++, value)
  store.run(MOVE_ENDS, head, tail, key)
  return tail - head
}

/** The place of a position that may count from the end; `undefined` outside of the list. */
function placeOf({ head, tail }: Collection, index: number): number | undefined {
  const seq = index < 0 ? tail + index : head + index
  return seq >= head && seq < tail ? seq : undefined
}

export function getItem(store: Store, key: string, index: number, nowMs: number): KvValue | null {
  const list = store.collection(key, LIST, nowMs)
  const seq = list === undefined ? undefined : placeOf(list, index)
  if (list === undefined || seq === undefined) return null
  return store.get<{ value: KvValue }>(ITEM, list.id, seq)?.value ?? null
}

export function setItem(store: Store, key: string, index: number, value: KvValue, nowMs: number): void {
  const list = store.collection(key, LIST, nowMs)
  if (list === undefined) throw new AppError('not_found', 'there is no such list')
  const seq = placeOf(list, index)
  if (seq === undefined) throw new AppError('out_of_range', 'the position is outside of the list')
  store.run(CHANGE_ITEM, value, list.id, seq)
}

export function popItem(store: Store, key: string, nowMs: number): KvValue | null {
  const list = store.collection(key, LIST, nowMs)
  if (list === undefined) return null
  const row = store.get<{ value: KvValue }>(REMOVE_ITEM, list.id, list.head)
  if (list.head + 1 === list.tail) store.run(REMOVE, key)
  else store.run(MOVE_ENDS, list.head + 1, list.tail, key)
  return row?.value ?? null
}

export function getItems(store: Store, key: string, start: number, stop: number, nowMs: number): KvValue[] {
  const list = store.collection(key, LIST, nowMs)
  if (list === undefined) return []
  const { id, head, tail } = list
  const from = Math.max(head, start < 0 ? tail + start : head + start)
  const to = Math.min(tail - 1, stop < 0 ? tail + stop : head + stop)
  if (from > to) return []
  return store.all<{ value: KvValue }>(ITEMS, id, from, to).map(({ value }) => value)
}
