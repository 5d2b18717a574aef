/** Every server that a suite can ask for, in the order in which they are started. */
export const SERVICE_NAMES = [
  'mariadb',
  'mysql',
  'postgres',
  'redis',
  'nats',
  'nsq',
  'minio',
  's3',
  'elasticsearch',
  'elasticsearch8',
  'opensearch',
  'milvus',
] as const

/** `s3` is the S3 server beside MinIO that is still maintained; `elasticsearch` is of the newest major version. */
export type ServiceName = (typeof SERVICE_NAMES)[number]

/** Reads "redis,nats"; nothing means all. Throws on a name that no service has. */
export function readNames(text: string): readonly ServiceName[] {
  const asked = text.split(/[\s,]+/).filter((name) => name !== '')
  for (const name of asked)
    if (!SERVICE_NAMES.some((known) => known === name))
      throw new Error(`there is no service "${name}"; known: ${SERVICE_NAMES.join(', ')}`)
  return asked.length === 0 ? SERVICE_NAMES : SERVICE_NAMES.filter((name) => asked.includes(name))
}
