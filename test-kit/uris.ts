import assert from 'node:assert/strict'
import { AppError } from '../src/base/errors.ts'

/** Asserts that each URI is refused as a bad setting with the words given, and that none tells its secret, "hunter2". */
export async function refusesUris(
  open: (uri: string) => Promise<unknown>,
  table: readonly (readonly [uri: string, says: RegExp])[],
): Promise<void> {
  for (const [uri, says] of table)
    await assert.rejects(open(uri), (err: unknown) => {
      assert.ok(err instanceof AppError && err.code === 'invalid_argument', uri)
      assert.match(err.message, says)
      assert.doesNotMatch(err.message, /hunter2/)
      return true
    })
}

/** A URI with further parameters, each as `timeout=1s&prefix=x`. */
export function withParams(uri: string, ...params: string[]): string {
  const query = params.filter((one) => one !== '').join('&')
  return query === '' ? uri : `${uri}${uri.includes('?') ? '&' : '?'}${query}`
}
