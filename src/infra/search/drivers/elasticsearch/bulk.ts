import { ItemError } from './errors.ts'
import type { Http, Json } from './http.ts'

/** One line of a bulk request. Without `body` it deletes. With `expected` it fails unless the document is as it was read. */
export type Item = {
  key: string
  uid: string
  body?: Json
  /** What the document was: its version, or that there was none. */
  expected?: { seqNo: number; term: number } | 'absent'
}

/** What became of an item: `failed` holds why. */
export type Outcome = { deleted: boolean; failed?: ItemError }

/** Bytes of one request, unless one document alone has more; the server takes 100 MB by default. */
const MAX_BYTES = 6 * 1024 ** 2
const MAX_ITEMS = 5_000

type Answer = { items: Record<string, { status: number; result?: string; error?: { type: string; reason: string } }>[] }

/** Sends the items in order, in as many requests as it takes; those of one document take effect in order. */
export async function sendBulk(http: Http, docs: string, items: readonly Item[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  let lines: string[] = []
  let sizeBytes = 0
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return
    const body = lines.join('')
    lines = []
    sizeBytes = 0
    const query = { require_alias: true, filter_path: 'items.*.status,items.*.result,items.*.error' }
    const answer = await http.call<Answer>('POST', `/${docs}/_bulk`, { lines: body, query })
    outcomes.push(...answer.body.items.map(outcomeOf))
  }
  let count = 0
  for (const item of items) {
    const text = textOf(item)
    if (sizeBytes + text.length > MAX_BYTES || count >= MAX_ITEMS) {
      await flush()
      count = 0
    }
    lines.push(text)
    sizeBytes += text.length
    count++
  }
  await flush()
  return outcomes
}

function textOf({ key, uid, body, expected }: Item): string {
  const action = body === undefined ? 'delete' : expected === 'absent' ? 'create' : 'index'
  const condition =
    expected === undefined || expected === 'absent' ? {} : { if_seq_no: expected.seqNo, if_primary_term: expected.term }
  const head = JSON.stringify({ [action]: { _id: key, routing: uid, ...condition } })
  return body === undefined ? `${head}\n` : `${head}\n${JSON.stringify(body)}\n`
}

function outcomeOf(item: Answer['items'][number]): Outcome {
  const [result] = Object.values(item)
  if (result === undefined) return { deleted: false }
  const { status, error } = result
  // Deleting what is not there is answered by 404, without an error.
  if (error !== undefined) return { deleted: false, failed: new ItemError(status, error) }
  return { deleted: result.result === 'deleted' }
}
