import assert from 'node:assert/strict'
import { AppError, type ErrorCode } from '../../base/errors.ts'

/** Asserts that a call fails with a code, and gives the error. */
export async function refuses(code: ErrorCode, run: () => Promise<unknown>): Promise<AppError> {
  try {
    await run()
  } catch (err) {
    assert.ok(err instanceof AppError, `threw ${String(err)}`)
    assert.equal(err.code, code, err.message)
    return err
  }
  assert.fail(`expected ${code}`)
}

/** Different texts. */
export const texts = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `text number ${i} about topic ${i % 7}`)
