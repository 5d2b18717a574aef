import type { ServiceName } from '../names.ts'
import type { Server } from '../server.ts'
import { elasticsearch, elasticsearch8 } from './elasticsearch.ts'
import { mariadb } from './mariadb.ts'
import { milvus } from './milvus.ts'
import { minio } from './minio.ts'
import { missing } from './missing.ts'
import { nats } from './nats.ts'
import { nsq } from './nsq.ts'
import { opensearch } from './opensearch.ts'
import { postgres } from './postgres.ts'
import { redis } from './redis.ts'
import { s3 } from './s3.ts'

export const SERVERS: Readonly<Record<ServiceName, Server>> = {
  mariadb,
  mysql: missing(
    'mysql',
    'none of the package clients used here offers the server of MySQL 8; mariadb is a name of its own',
  ),
  postgres,
  redis,
  nats,
  nsq,
  minio,
  s3,
  elasticsearch,
  elasticsearch8,
  opensearch,
  milvus,
}
