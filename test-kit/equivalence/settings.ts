import { type External, textServer } from '../external.ts'
import { SETS } from '../sets.ts'

/** `env` changes an embedded provider for another; what `isRare` is played with `EQUIVALENCE=all` only. */
export type Setting = { servers: External; env?: Readonly<Record<string, string>>; isRare?: true }

/**
 * Where the script is played besides all embedded. Those that are not rare join every database with embedded search and
 * with a server for it, and have every server at least once.
 */
export const SETTINGS: Readonly<Record<string, Setting>> = {
  'all embedded, once more': { servers: {}, isRare: true },
  'all embedded, search in SQLite': { servers: {}, env: { SEARCH_URI: 'sqlite://./var/data/search.db' } },
  'the MySQL set': { servers: SETS.mysql },
  'the PostgreSQL set': { servers: SETS.postgres },
  'only the database in MySQL': { servers: { db: 'mariadb' } },
  'only the database in PostgreSQL': { servers: { db: 'postgres' }, isRare: true },
  'only the search on a server': { servers: { search: textServer() }, isRare: true },
  'only the vectors on a server': { servers: { vector: 'milvus' }, isRare: true },
  'the MySQL set, search embedded': { servers: { db: 'mariadb', kv: 'redis', mq: 'nsq', blob: 'minio' }, isRare: true },
  'the PostgreSQL set, search embedded': { servers: { db: 'postgres', kv: 'redis', mq: 'nats', blob: 's3' } },
  'SQLite, all else on servers': {
    servers: { kv: 'redis', search: textServer(), vector: 'milvus', mq: 'nats', blob: 's3' },
  },
}
