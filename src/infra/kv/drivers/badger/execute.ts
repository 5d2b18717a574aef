import type { Command, Reply } from '../../driver.ts'
import { getFields, getItem, getItems, popItem, push, setFields, setItem } from './collections.ts'
import { countKeys, deleteKeys, dumpKey, expireKey, restoreKey, scanKeys, sizeOf, ttlOf } from './keys.ts'
import { type Store, toBytes, toText } from './store.ts'
import { getString, incrementBy, setString, setStringKeepingTtl } from './strings.ts'

const READS: ReadonlySet<Command['op']> = new Set([
  'get',
  'getBuffer',
  'hgetall',
  'exists',
  'lindex',
  'lrange',
  'dump',
  'ttl',
  'scan',
  'size',
])

/** Whether a command changes nothing. */
export const isRead = ({ op }: Command): boolean => READS.has(op)

const text = (value: string | Uint8Array | null): string | null => (value === null ? null : toText(value))

/** Runs one command. An `AppError` is thrown before anything was changed; any other error may leave a part. */
export function execute(store: Store, command: Command, nowMs: number): Reply {
  switch (command.op) {
    case 'get':
      return text(getString(store, command.key, nowMs))
    case 'getBuffer': {
      const value = getString(store, command.key, nowMs)
      return value === null ? null : toBytes(value)
    }
    case 'set': {
      const { key, value, ttlMs, keepTtl } = command
      if (keepTtl) setStringKeepingTtl(store, key, value, nowMs)
      else setString(store, key, value, ttlMs === undefined ? undefined : nowMs + ttlMs)
      return null
    }
    case 'incrBy':
      return incrementBy(store, command.key, command.by, nowMs)
    case 'hset':
      return setFields(store, command.key, command.fields, nowMs)
    case 'hgetall':
      return getFields(store, command.key, nowMs).map(({ name, value }): [string, string] => [name, toText(value)])
    case 'del':
      return deleteKeys(store, command.keys, nowMs)
    case 'exists':
      return countKeys(store, command.keys, nowMs)
    case 'expire':
      return expireKey(store, command.key, command.ttlMs, nowMs)
    case 'lpush':
      return push(store, command.key, command.values, 'head', nowMs)
    case 'rpush':
      return push(store, command.key, command.values, 'tail', nowMs)
    case 'lindex':
      return text(getItem(store, command.key, command.index, nowMs))
    case 'lset':
      setItem(store, command.key, command.index, command.value, nowMs)
      return null
    case 'lpop':
      return text(popItem(store, command.key, nowMs))
    case 'lrange':
      return getItems(store, command.key, command.start, command.stop, nowMs).map(toText)
    case 'dump':
      return dumpKey(store, command.key, nowMs)
    case 'restore':
      restoreKey(store, command.entry, command.replace, nowMs)
      return null
    case 'ttl':
      return ttlOf(store, command.key, nowMs)
    case 'scan':
      return scanKeys(store, command, nowMs)
    case 'size':
      return sizeOf(store, nowMs)
  }
}
