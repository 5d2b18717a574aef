import { type External, textServer } from './external.ts'

/** The two deployments that stand for all: everything external, on MySQL with NSQ and on PostgreSQL with NATS. */
export const SETS: Readonly<Record<'mysql' | 'postgres', External>> = {
  mysql: { db: 'mariadb', kv: 'redis', search: textServer(), vector: 'milvus', mq: 'nsq', blob: 'minio' },
  postgres: { db: 'postgres', kv: 'redis', search: textServer(), mq: 'nats', blob: 's3' },
}
