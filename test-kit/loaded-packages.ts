import { writeSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const packages = new Set<string>()

/** Loaded before a server (`node --import`), makes it print at its end which packages it loaded: "loaded: a b c". */
registerHooks({
  load: (url, context, next) => {
    const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
    if (name !== undefined) packages.add(name)
    return next(url, context)
  },
})
if (isMainThread) process.on('exit', () => writeSync(2, `loaded: ${[...packages].sort().join(' ')}\n`))
