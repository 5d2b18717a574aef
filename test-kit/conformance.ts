import { test } from 'node:test'
import type { Case } from '../src/base/conformance.ts'

export type ConformanceOptions<H> = {
  /** A fresh, empty harness for one case, and its cleanup. */
  open(): Promise<{ harness: H; close(): Promise<unknown> }>
  /** What the provider declares; a case whose `needs` is missing is skipped with that reason. */
  features?: ReadonlySet<string>
}

/** Hands every case of a suite to the test runner, each with a harness of its own. */
export function runConformance<H>(title: string, cases: readonly Case<H>[], options: ConformanceOptions<H>): void {
  for (const item of cases) {
    const missing = item.needs !== undefined && !options.features?.has(item.needs)
    const skip = missing ? `the provider does not declare "${item.needs}"` : false
    test(`${title}: ${item.name}`, { skip }, async () => {
      const { harness, close } = await options.open()
      try {
        await item.run(harness)
      } finally {
        await close()
      }
    })
  }
}
