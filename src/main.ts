#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// The search engine runs its queries on this pool; four threads would let them starve file access.
process.env.UV_THREADPOOL_SIZE ??= '16'
enableCompileCache()

import('./cli/cli.ts').then(async ({ main }) => {
  process.exitCode = await main(process.argv.slice(2), process)
})
