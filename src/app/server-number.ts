import { MAX_SERVER_NUMBER } from '../base/ids.ts'
import type { Kv } from '../infra/kv/kv.ts'

const KEY = 'snug:server_number'

/**
 * Takes the next server number from the shared store, a fresh one for every start: whatever a crashed process may
 * have handed out, this one's ids differ. After 16,384 starts the numbers begin again; by then the clock has moved.
 */
export async function leaseServerNumber(kv: Kv): Promise<number> {
  return Number((await kv.incr(KEY)) % BigInt(MAX_SERVER_NUMBER + 1))
}
