import type { Store } from './store.ts'

const CHUNK = 500
const EXPIRED = `DELETE FROM entry WHERE key IN (SELECT key FROM entry WHERE expires_at_ms <= ? LIMIT ${CHUNK})`
const NEXT_GARBAGE = 'SELECT id FROM garbage LIMIT 1'
const ITEMS = `DELETE FROM item WHERE id = ?1 AND seq IN (SELECT seq FROM item WHERE id = ?1 LIMIT ${CHUNK})`
const FIELDS = `DELETE FROM field WHERE id = ?1 AND name IN (SELECT name FROM field WHERE id = ?1 LIMIT ${CHUNK})`
const DONE = 'DELETE FROM garbage WHERE id = ?'

const UNSWEPT = `SELECT (SELECT count(*) FROM entry WHERE expires_at_ms <= ?) + (SELECT count(*) FROM garbage) AS n`

/** How many keys have expired, or were replaced or deleted with items, whose space isn't reclaimed yet. */
export const unsweptKeys = (store: Store, nowMs: number): number => store.get<{ n: number }>(UNSWEPT, nowMs)?.n ?? 0

/** Removes one portion of what nobody can see any more. False when there is nothing left. */
export function sweepPortion(store: Store, nowMs: number): boolean {
  if (store.run(EXPIRED, nowMs) > 0) return true
  let removed = 0
  while (removed < CHUNK) {
    const garbage = store.get<{ id: number }>(NEXT_GARBAGE)
    if (garbage === undefined) return removed > 0
    const portion = store.run(ITEMS, garbage.id) + store.run(FIELDS, garbage.id)
    if (portion < CHUNK) store.run(DONE, garbage.id)
    removed += portion + 1
  }
  return true
}
