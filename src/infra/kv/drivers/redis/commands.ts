import { AppError } from '../../../../base/errors.ts'
import type { Command, KvEntry, KvValue, Replies, Reply } from '../../driver.ts'
import type { Wire } from './connection.ts'
import { DUMP, RESTORE } from './scripts.ts'

/** More arguments than this the server takes for an attack, and hangs up. */
const MAX_ITEMS = 1_000_000

/** What a command is on the wire, and how its reply is read. */
export type Encoded = { wire: Wire; read: (reply: never) => Reply }
type Simple = Exclude<Command, { op: 'scan' | 'size' }>

const bytes = (value: KvValue): string | Buffer =>
  typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
const text = (reply: Buffer | null): string | null => reply?.toString() ?? null
const number = (reply: string): number => Number(reply)
const nothing = (): null => null

/** Encodes a command; `name` makes the key on the server. */
export function encode(command: Simple, name: (key: string) => string): Encoded {
  switch (command.op) {
    case 'set': {
      const { key, value, ttlMs, keepTtl } = command
      const life = keepTtl ? ['KEEPTTL'] : ttlMs === undefined ? [] : ['PX', String(ttlMs)]
      return { wire: ['SET', name(key), bytes(value), ...life], read: nothing }
    }
    case 'get':
      return { wire: ['GET', name(command.key)], read: text }
    case 'getBuffer':
      return { wire: ['GET', name(command.key)], read: (reply: Buffer | null) => reply }
    case 'hgetall':
      return { wire: ['HGETALL', name(command.key)], read: (reply: Buffer[]) => pairs(reply, String) }
    case 'lpop':
      return { wire: ['LPOP', name(command.key)], read: text }
    case 'ttl':
      return { wire: ['PTTL', name(command.key)], read: (reply: string) => ttl(Number(reply)) }
    case 'incrBy':
      return { wire: ['INCRBY', name(command.key), String(command.by)], read: (reply: string) => BigInt(reply) }
    case 'hset': {
      const fields = command.fields.flatMap(([field, value]) => [field, bytes(value)])
      return { wire: ['HSET', name(command.key), ...fields], read: number }
    }
    case 'del':
      return { wire: ['UNLINK', ...command.keys.map(name)], read: number }
    case 'exists':
      return { wire: ['EXISTS', ...command.keys.map(name)], read: number }
    case 'expire':
      return { wire: ['PEXPIRE', name(command.key), String(command.ttlMs)], read: (reply: string) => reply === '1' }
    case 'lpush':
    case 'rpush':
      return { wire: [command.op.toUpperCase(), name(command.key), ...command.values.map(bytes)], read: number }
    case 'lindex':
      return { wire: ['LINDEX', name(command.key), String(command.index)], read: text }
    case 'lset':
      return { wire: ['LSET', name(command.key), String(command.index), bytes(command.value)], read: nothing }
    case 'lrange': {
      const { key, start, stop } = command
      return { wire: ['LRANGE', name(key), String(start), String(stop)], read: (reply: Buffer[]) => reply.map(String) }
    }
    case 'dump':
      return { wire: ['EVAL', DUMP, '1', name(command.key)], read: (reply: Dumped | null) => entry(command.key, reply) }
    case 'restore':
      return restore(command.entry, command.replace, name)
  }
}

function ttl(left: number): Replies['ttl'] {
  if (left === -2) return null
  return left === -1 ? 'none' : left
}

function pairs<T>(flat: readonly Buffer[], read: (value: Buffer) => T): [string, T][] {
  const found: [string, T][] = []
  for (let at = 0; at + 1 < flat.length; at += 2) found.push([String(flat[at]), read(flat[at + 1] as Buffer)])
  return found
}

type Dumped = [kind: Buffer, expiresAt: string, value: Buffer | Buffer[]]

function entry(key: string, dumped: Dumped | null): KvEntry | null {
  if (dumped === null) return null
  const [kind, expiresAt, value] = dumped
  const common = { key, ...(expiresAt === '-1' ? {} : { expiresAtMs: Number(expiresAt) }) }
  if (Buffer.isBuffer(value)) return { ...common, type: 'string', value }
  if (String(kind) === 'list') return { ...common, type: 'list', value }
  return { ...common, type: 'hash', value: pairs(value, (bytes) => bytes) }
}

function restore(entry: KvEntry, replace: boolean, name: (key: string) => string): Encoded {
  const items =
    entry.type === 'string' ? [bytes(entry.value)] : entry.type === 'list' ? entry.value.map(bytes) : flat(entry.value)
  if (items.length > MAX_ITEMS) throw new AppError('resource_exhausted', `more than ${MAX_ITEMS} items at once`)
  const head = [replace ? '1' : '0', entry.type, entry.expiresAtMs === undefined ? '' : String(entry.expiresAtMs)]
  return {
    wire: ['EVAL', RESTORE, '1', name(entry.key), ...head, ...items],
    read: (reply: string) => {
      if (reply === '0') throw new AppError('already_exists', 'the key exists already')
      return null
    },
  }
}

const flat = (fields: readonly (readonly [string, Uint8Array])[]): (string | Buffer)[] =>
  fields.flatMap(([field, value]) => [field, bytes(value)])
