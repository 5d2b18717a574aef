import type { ServiceName } from '../names.ts'
import type { Server } from '../server.ts'
import { mariadb } from './mariadb.ts'
import { missing } from './missing.ts'
import { nats } from './nats.ts'
import { nsq } from './nsq.ts'
import { postgres } from './postgres.ts'
import { redis } from './redis.ts'

export const SERVERS: Readonly<Record<ServiceName, Server>> = {
  mariadb,
  mysql: missing('mysql', 'no package client of this machine offers MySQL 8; MariaDB stands in a place of its own'),
  postgres,
  redis,
  nats,
  nsq,
  minio: missing('minio', 'not offered yet'),
  s3: missing('s3', 'not offered yet'),
  elasticsearch: missing('elasticsearch', 'not offered yet'),
  opensearch: missing('opensearch', 'not offered yet'),
  milvus: missing('milvus', 'not offered yet'),
}
