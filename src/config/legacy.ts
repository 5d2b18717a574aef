/** The environment of the original server, read when lite mode is off so that its `.env` files go on working. */
type Env = Readonly<Record<string, string | undefined>>
type Given = (name: string) => string | undefined
/** A URI, a complaint about a missing partner variable, or nothing when the group is not used. */
type Translated = { uri: string } | { missing: string } | undefined

const e = encodeURIComponent
const userInfo = (user = '', password = ''): string =>
  user === '' && password === '' ? '' : `${e(user)}${password === '' ? '' : `:${e(password)}`}@`

/** `user:password@tcp(host:port)/database?options`, the form of the Go driver. */
function mysqlDsn(dsn: string): string | undefined {
  const match = /^(?:([^:@]*)(?::(.*))?@)?(tcp|unix)\(([^)]*)\)\/([^?]*)(?:\?(.*))?$/s.exec(dsn)
  if (match === null) return undefined
  const [, user, password, net, address = '', database = '', options = ''] = match
  const kept = options.split('&').filter((pair) => pair !== '' && !/^(parseTime|loc)=/.test(pair))
  if (net === 'unix') kept.push(`socket=${e(address)}`)
  const query = kept.length === 0 ? '' : `?${kept.join('&')}`
  return `mysql://${userInfo(user, password)}${net === 'unix' ? 'localhost' : address}/${database}${query}`
}

function db(given: Given): Translated {
  const dsn = given('MYSQL_DSN')
  if (dsn !== undefined) {
    const uri = mysqlDsn(dsn)
    return uri === undefined ? { missing: 'MYSQL_DSN must look like user:password@tcp(host:port)/database' } : { uri }
  }
  const host = given('MYSQL_HOST')
  if (host === undefined) return undefined
  const info = userInfo(given('MYSQL_USER'), given('MYSQL_PASSWORD'))
  return { uri: `mysql://${info}${host}:${given('MYSQL_PORT') ?? '3306'}/${given('MYSQL_DATABASE') ?? 'opencoze'}` }
}

function kv(given: Given): Translated {
  const address = given('REDIS_ADDR')
  return address === undefined ? undefined : { uri: `redis://${userInfo('', given('REDIS_PASSWORD'))}${address}/0` }
}

function search(given: Given): Translated {
  const addresses = given('ES_ADDR')?.split(',')
  if (addresses === undefined) return undefined
  const tls = addresses.some((address) => address.startsWith('https:'))
  const hosts = addresses.map((address) =>
    address
      .trim()
      .replace(/^https?:\/\//, '')
      .replace(/\/$/, ''),
  )
  const options = [
    ['version', given('ES_VERSION')],
    ['shards', given('ES_NUMBER_OF_SHARDS')],
    ['replicas', given('ES_NUMBER_OF_REPLICAS')],
  ].filter(([, value]) => value !== undefined)
  const query = options.length === 0 ? '' : `?${options.map(([name, value]) => `${name}=${e(value ?? '')}`).join('&')}`
  return {
    uri: `${tls ? 'es+https' : 'es'}://${userInfo(given('ES_USERNAME'), given('ES_PASSWORD'))}${hosts.join(',')}${query}`,
  }
}

function vector(given: Given): Translated {
  if (given('VECTOR_STORE_TYPE') !== 'milvus') return undefined
  const address = given('MILVUS_ADDR')
  if (address === undefined) return { missing: 'VECTOR_STORE_TYPE=milvus also needs MILVUS_ADDR' }
  const token = given('MILVUS_TOKEN')
  const info = userInfo(given('MILVUS_USER'), given('MILVUS_PASSWORD'))
  return {
    uri: `milvus://${info}${address.replace(/^https?:\/\//, '')}${token === undefined ? '' : `?token=${e(token)}`}`,
  }
}

function mq(given: Given): Translated {
  const type = given('COZE_MQ_TYPE')
  if (type === undefined) return undefined
  const server = given('MQ_NAME_SERVER') ?? (type === 'nats' ? given('NATS_SERVER_URL') : undefined)
  if (server === undefined) return { missing: `COZE_MQ_TYPE=${type} also needs MQ_NAME_SERVER` }
  const uri = server.includes('://') ? server : `${type}://${server}`
  return { uri: type === 'nats' ? withNatsAccess(uri, given) : uri }
}

/** One way in, in the order of the original: JWT, user, token. What the server's own address says comes first. */
function withNatsAccess(uri: string, given: Given): string {
  const params: string[] = []
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined) params.push(`${name}=${e(value)}`)
  }
  const [jwt, seed, user] = [given('NATS_JWT_TOKEN'), given('NATS_NKEY_SEED'), given('NATS_USERNAME')]
  let address = uri
  if (!uri.includes('@') && seed !== undefined) {
    add('jwt', jwt)
    add('nkey_seed', seed)
  } else if (!uri.includes('@') && user !== undefined) {
    address = uri.replace('://', `://${userInfo(user, given('NATS_PASSWORD'))}`)
  } else if (!uri.includes('@')) {
    add('token', given('NATS_TOKEN'))
  }
  add('replicas', given('NATS_STREAM_REPLICAS'))
  return params.length === 0 ? address : `${address}${address.includes('?') ? '&' : '?'}${params.join('&')}`
}

function blob(given: Given): Translated {
  const type = given('STORAGE_TYPE')
  if (type !== 'minio' && type !== 's3') return undefined
  const prefix = type === 'minio' ? 'MINIO' : 'S3'
  const endpoint = given(`${prefix}_ENDPOINT`)
  const bucket = given('STORAGE_BUCKET') ?? given(`${prefix}_BUCKET`)
  if (endpoint === undefined || bucket === undefined)
    return { missing: `STORAGE_TYPE=${type} also needs ${prefix}_ENDPOINT and STORAGE_BUCKET` }
  const tls = given('MINIO_USE_SSL') === 'true' ? 'https' : 'http'
  const url = endpoint.includes('://') ? endpoint : `${tls}://${endpoint}`
  const keys = type === 'minio' ? ['MINIO_AK', 'MINIO_SK'] : ['S3_ACCESS_KEY', 'S3_SECRET_KEY']
  const info = userInfo(given(keys[0] ?? ''), given(keys[1] ?? ''))
  const region = type === 'minio' ? 'cn-north-1' : given('S3_REGION')
  return {
    uri: `s3://${info}${bucket}?endpoint=${e(url)}&path_style=${type === 'minio' ? 1 : 0}${region ? `&region=${e(region)}` : ''}`,
  }
}

const GROUPS = { db, kv, search, vector, mq, blob } as const
/** The variables whose presence means that the original's environment is in use. */
const MARKERS = [
  'MYSQL_DSN',
  'MYSQL_HOST',
  'REDIS_ADDR',
  'ES_ADDR',
  'VECTOR_STORE_TYPE',
  'COZE_MQ_TYPE',
  'STORAGE_TYPE',
]

/** The URIs that the older variables mean, by setting, and what is wrong with them. */
export function legacyUris(env: Env): { uris: Readonly<Record<string, string>>; mistakes: readonly string[] } {
  const given: Given = (name) => (env[name] === '' ? undefined : env[name])
  const uris: Record<string, string> = {}
  const mistakes: string[] = []
  for (const [name, translate] of Object.entries(GROUPS)) {
    const result = translate(given)
    if (result === undefined) continue
    if ('uri' in result) uris[name] = result.uri
    else mistakes.push(result.missing)
  }
  return { uris, mistakes }
}

/** Which older variables are set, for the warning that lite mode leaves them aside. */
export const legacyNames = (env: Env): string[] => MARKERS.filter((name) => (env[name] ?? '') !== '')
