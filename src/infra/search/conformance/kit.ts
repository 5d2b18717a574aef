import assert from 'node:assert/strict'
import { AppError, type ErrorCode } from '../../../base/errors.ts'
import type { FieldValue, IndexSpec, Search, SearchDocument, SearchRequest } from '../search.ts'

/** `search` is empty; `reopen` closes it and opens the same store again. */
export type SearchHarness = { search: Search; reopen(): Promise<Search> }

/** The index that most cases use. */
export const INDEX = 'things'
export const SPEC: IndexSpec = {
  fields: {
    title: { type: 'text' },
    body: { type: 'text' },
    tag: { type: 'keyword' },
    owner: { type: 'keyword' },
    count: { type: 'long' },
    price: { type: 'double' },
    open: { type: 'boolean' },
  },
  vector: { dims: 3 },
}

export const doc = (id: string, fields: Record<string, FieldValue>, vector?: readonly number[]): SearchDocument =>
  vector === undefined ? { id, fields } : { id, fields, vector: Float32Array.from(vector) }

/** Makes the index and puts these documents into it. */
export async function fill(search: Search, ...docs: SearchDocument[]): Promise<void> {
  await search.ensureIndex(INDEX, SPEC)
  await search.put(INDEX, docs)
}

/** Ids of the hits, in order. */
export async function ids(search: Search, request: SearchRequest, index: string | string[] = INDEX): Promise<string[]> {
  return (await search.search(index, request)).hits.map((hit) => hit.id)
}

/** Scores of the hits, in order. */
export async function scores(search: Search, request: SearchRequest): Promise<(number | null)[]> {
  return (await search.search(INDEX, request)).hits.map((hit) => hit.score)
}

export const near = (a: number | null | undefined, b: number, within = 1e-6): void =>
  assert.ok(Math.abs((a ?? Number.NaN) - b) <= within, `${a} is not ${b}`)

/** The call rejects with this code. */
export const fails = (call: Promise<unknown>, code: ErrorCode, says = /./): Promise<void> =>
  assert.rejects(call, (err: unknown) => {
    assert.ok(err instanceof AppError, String(err))
    assert.equal(err.code, code, err.message)
    assert.match(err.message, says)
    return true
  })
