import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../src/base/errors.ts'

type Open = (uri: string) => Promise<unknown>
type Refusal = readonly [uri: string, says: RegExp]

/** A URI as the name of a test shows it. */
const shown = (uri: string): string => uri.replaceAll('hunter2', '***').slice(0, 100)

/** Asserts that each URI is refused as a bad setting with the words given, and that none tells its secret, "hunter2". */
export async function refusesUris(open: Open, table: readonly Refusal[]): Promise<void> {
  for (const [uri, says] of table)
    await assert.rejects(open(uri), (err: unknown) => {
      assert.ok(err instanceof AppError && err.code === 'invalid_argument', uri)
      assert.match(err.message, says)
      assert.doesNotMatch(err.message, /hunter2/)
      return true
    })
}

/** The same with a test for each URI; `opener` is what they are given to. */
export function testRefusedUris(opener: string, open: Open, table: readonly Refusal[]): void {
  for (const refusal of table)
    test(`${opener} refuses ${shown(refusal[0])}, says why and keeps secrets out of it`, () =>
      refusesUris(open, [refusal]))
}

/**
 * A test for each good URI of a place where nothing listens: it fails late, for that reason only, in the words given and
 * without its `secrets`.
 */
export function testUnreachableUris(
  opener: string,
  open: Open,
  uris: readonly string[],
  { says = /./, secrets = /hunter2/ }: { says?: RegExp; secrets?: RegExp } = {},
): void {
  for (const uri of uris)
    test(`${opener} understands ${shown(uri)}, where nothing listens: unavailable, without its secrets`, async () => {
      const startedAtMs = performance.now()
      await assert.rejects(open(uri), (err: unknown) => {
        assert.ok(err instanceof AppError && err.code === 'unavailable', String(err))
        assert.match(err.message, says)
        assert.doesNotMatch(err.message, secrets)
        return true
      })
      assert.ok(performance.now() - startedAtMs < 20_000)
    })
}

/** A URI with further parameters, each as `timeout=1s&prefix=x`. */
export function withParams(uri: string, ...params: string[]): string {
  const query = params.filter((one) => one !== '').join('&')
  return query === '' ? uri : `${uri}${uri.includes('?') ? '&' : '?'}${query}`
}
