#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// The search engine runs its queries on this pool; four threads would let them starve file access.
process.env.UV_THREADPOOL_SIZE ??= '16'
enableCompileCache()

/** A terminal and npm may both pass on one Ctrl-C. */
const SAME_SIGNAL_MS = 500
let firstSignalMs = Number.POSITIVE_INFINITY
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (performance.now() - firstSignalMs > SAME_SIGNAL_MS) process.exit(1)
    firstSignalMs = Math.min(firstSignalMs, performance.now())
  })

import('./cli/cli.ts').then(async ({ main }) => {
  process.exitCode = await main(process.argv.slice(2), process)
})
