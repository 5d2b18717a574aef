import type { Database } from '../src/infra/db/db.ts'

/** The same database as one that other processes have open, too, would describe itself. */
export function sharedView(database: Database): Database {
  const features = new Set(database.features)
  features.delete('exclusive')
  // Methods of the original keep their private fields by being bound to it.
  return new Proxy(database, {
    get: (target, name) => {
      if (name === 'features') return features
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
