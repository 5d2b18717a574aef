import type { ServiceName } from '../names.ts'
import type { Server } from '../server.ts'
import { mariadb } from './mariadb.ts'
import { milvus } from './milvus.ts'
import { missing } from './missing.ts'
import { nats } from './nats.ts'
import { nsq } from './nsq.ts'
import { postgres } from './postgres.ts'
import { redis } from './redis.ts'
import { s3 } from './s3.ts'

export const SERVERS: Readonly<Record<ServiceName, Server>> = {
  mariadb,
  mysql: missing('mysql', 'no package client of this machine offers MySQL 8; MariaDB stands in a place of its own'),
  postgres,
  redis,
  nats,
  nsq,
  minio: missing('minio', 'not offered yet'),
  s3,
  elasticsearch: missing('elasticsearch', 'not offered yet'),
  opensearch: missing('opensearch', 'not offered yet'),
  milvus,
}
