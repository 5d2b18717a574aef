import { registerHooks } from 'node:module'

/** Loaded before a server (`node --import`), makes it a machine for which DuckDB's library was not installed. */
registerHooks({
  resolve: (specifier, context, next) => {
    if (!/^@duckdb\/node-bindings-/.test(specifier)) return next(specifier, context)
    throw Object.assign(new Error(`Cannot find module '${specifier}'`), { code: 'MODULE_NOT_FOUND' })
  },
})
