import { randomInt } from 'node:crypto'
import { MAX_SERVER_NUMBER } from '../base/ids.ts'
import type { Kv } from '../infra/kv/kv.ts'

const KEY = 'snug:server_number'

/**
 * Takes the next server number from the shared store, a fresh one for every start: whatever a crashed process may
 * have handed out, this one's ids differ. After 16,384 starts the numbers begin again; by then the clock has moved.
 */
export async function leaseServerNumber(kv: Kv): Promise<number> {
  const next = await kv.incr(KEY)
  // A store that has lost its memory must not hand out again what running processes have.
  const last = next === 1n ? await kv.incrBy(KEY, randomInt(MAX_SERVER_NUMBER)) : next
  return Number(last % BigInt(MAX_SERVER_NUMBER + 1))
}
