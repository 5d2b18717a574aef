import { type External, textServer } from '../external.ts'
import { SETS } from '../sets.ts'

/** Where the script is played besides all embedded; `env` changes an embedded provider for another. */
export const SETTINGS: Readonly<Record<string, { servers: External; env?: Readonly<Record<string, string>> }>> = {
  'all embedded, once more': { servers: {} },
  'all embedded, search in SQLite': { servers: {}, env: { SEARCH_URI: 'sqlite://./var/data/search.db' } },
  'the MySQL set': { servers: SETS.mysql },
  'the PostgreSQL set': { servers: SETS.postgres },
  'only the database in MySQL': { servers: { db: 'mariadb' } },
  'only the database in PostgreSQL': { servers: { db: 'postgres' } },
  'only the search on a server': { servers: { search: textServer() } },
  'only the vectors on a server': { servers: { vector: 'milvus' } },
  'the MySQL set, search embedded': { servers: { db: 'mariadb', kv: 'redis', mq: 'nsq', blob: 'minio' } },
  'the PostgreSQL set, search embedded': { servers: { db: 'postgres', kv: 'redis', mq: 'nats', blob: 's3' } },
  'SQLite, all else on servers': {
    servers: { kv: 'redis', search: textServer(), vector: 'milvus', mq: 'nats', blob: 's3' },
  },
}
