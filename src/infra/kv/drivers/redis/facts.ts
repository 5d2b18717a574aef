import type { KvProbe } from '../../driver.ts'

/** `INFO` as names and values. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':')
      return colon < 0 || line.startsWith('#') ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const]
    }),
  )
}

/** What an operator should know, and what is wrong: some keys have no lifetime and must not get lost. */
export function factsOf(info: ReadonlyMap<string, string>, save: string | undefined): KvProbe {
  const said = (name: string) => info.get(name) ?? ''
  const aof = said('aof_enabled') === '1'
  const rdb = save === undefined ? undefined : save !== ''
  const persistence = [aof ? 'aof' : '', rdb === true ? 'rdb' : ''].filter((kind) => kind !== '').join('+')
  const policy = said('maxmemory_policy')
  const role = said('role')
  const problems = [
    policy !== '' && policy !== 'noeviction' && `maxmemory-policy is ${policy}: keys get lost when memory runs out`,
    !aof && rdb === false && 'nothing is persisted (neither AOF nor RDB): a restart loses every key',
    said('rdb_last_bgsave_status') === 'err' && 'the last RDB snapshot failed',
    said('aof_last_write_status') === 'err' && 'the last write to the AOF failed',
    role !== '' && role !== 'master' && `it is a ${role}, not the primary`,
  ].filter((text) => text !== false)
  const valkey = info.get('valkey_version')
  return {
    engine: valkey === undefined ? 'redis' : 'valkey',
    checks: {
      version: valkey ?? said('redis_version'),
      role,
      maxMemoryPolicy: policy,
      persistence: persistence === '' ? (rdb === undefined ? 'unknown' : 'none') : persistence,
      usedMemoryBytes: Number(said('used_memory')),
      maxMemoryBytes: Number(said('maxmemory')),
      clients: Number(said('connected_clients')),
    },
    ...(problems.length === 0 ? {} : { problem: problems.join('; ') }),
  }
}
