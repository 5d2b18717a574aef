import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConfigInput, formatBootTable, loadConfig } from './config.ts'
import { parseConfigFile } from './file.ts'

const load = (env: Record<string, string>, rest: Partial<ConfigInput> = {}) => loadConfig({ env, cwd: '/srv', ...rest })
const row = (env: Record<string, string>, key: string, rest: Partial<ConfigInput> = {}) =>
  load(env, rest).table.find((item) => item.key === key)

test('lite fills every provider and overrides nothing that was given', () => {
  const { config, table } = load({ COZE_LITE: '1', KV_URI: 'badger://elsewhere' }, { file: { mq: { uri: 'mem://x' } } })
  assert.equal(config.db, 'sqlite://./var/data/sqlite/app.db')
  assert.equal(config.kv, 'badger://elsewhere')
  assert.equal(config.search, 'duckdb://./var/data/duckdb/search.db')
  assert.equal(config.mq, 'mem://x')
  assert.equal(config.blob, 'file://./var/data/blob')
  assert.deepEqual(
    ['db.uri', 'kv.uri', 'mq.uri', 'listen'].map((key) => table.find((item) => item.key === key)?.source),
    ['lite', 'env', 'file', 'default'],
  )
})

test('the --lite flag is COZE_LITE=1, applied before the environment is resolved', () => {
  assert.equal(load({ REDIS_ADDR: 'r:6379' }, { flags: { lite: '1' } }).config.kv, 'badger://./var/data/badger')
  assert.equal(load({ COZE_LITE: '1' }, { flags: { lite: '0' } }).config.kv, 'redis://redis:6379')
})

test('without lite the built-in defaults are the external engines', () => {
  const { config } = load({})
  assert.match(config.db, /^mysql:/)
  assert.match(config.kv, /^redis:/)
  assert.match(config.search, /^es:/)
  assert.match(config.mq, /^nsq:/)
  assert.match(config.blob, /^s3:/)
  assert.equal(config.model, 'extractive:')
  assert.deepEqual(config.listen, { host: '127.0.0.1', port: 8888 })
})

test('an empty variable is unset', () => {
  assert.equal(row({ DB_URI: '', COZE_LITE: '1' }, 'db.uri')?.source, 'lite')
})

test('CACHE_URI is an alias of KV_URI, which wins with a warning', () => {
  assert.equal(load({ CACHE_URI: 'badger://a' }).config.kv, 'badger://a')
  const both = load({ CACHE_URI: 'badger://a', KV_URI: 'badger://b' })
  assert.equal(both.config.kv, 'badger://b')
  assert.match(both.warnings.join(), /CACHE_URI/)
})

test('older variables are read when lite is off, before the file, and left aside with a warning when it is on', () => {
  const env = {
    MYSQL_DSN: 'root:p@ss@tcp(db:3307)/coze?charset=utf8mb4&parseTime=True&loc=Local',
    REDIS_ADDR: 'cache:6379',
    REDIS_PASSWORD: 'hunter2',
    ES_ADDR: 'https://e1:9200,https://e2:9200',
    ES_VERSION: 'v8',
    VECTOR_STORE_TYPE: 'milvus',
    MILVUS_ADDR: 'm:19530',
    COZE_MQ_TYPE: 'nsq',
    MQ_NAME_SERVER: 'nsqd:4150',
    STORAGE_TYPE: 'minio',
    MINIO_ENDPOINT: 'minio:9000',
    MINIO_AK: 'ak',
    MINIO_SK: 's/k',
    STORAGE_BUCKET: 'opencoze',
  }
  const { config, table } = load(env, { file: { 'db.uri': 'sqlite://x' } })
  assert.equal(config.db, 'mysql://root:p%40ss@db:3307/coze?charset=utf8mb4')
  assert.equal(config.kv, 'redis://:hunter2@cache:6379/0')
  assert.equal(config.search, 'es+https://e1:9200,e2:9200?version=v8')
  assert.equal(config.vector, 'milvus://m:19530')
  assert.equal(config.mq, 'nsq://nsqd:4150')
  assert.match(config.blob, /^s3:\/\/ak:s%2Fk@opencoze\?endpoint=http%3A%2F%2Fminio%3A9000/)
  assert.equal(table.find((item) => item.key === 'db.uri')?.source, 'legacy')
  assert.doesNotMatch(formatBootTable(table), /hunter2|p%40ss|s%2Fk/)

  const lite = load({ ...env, COZE_LITE: '1' })
  assert.equal(lite.config.db, 'sqlite://./var/data/sqlite/app.db')
  assert.match(lite.warnings.join(), /MYSQL_DSN.*STORAGE_TYPE/)
})

test('older names of NATS become one way in, and none of its secrets is shown', () => {
  const base = { COZE_MQ_TYPE: 'nats', MQ_NAME_SERVER: 'n1:4222,n2:4222' }
  const cases: readonly [Record<string, string>, string][] = [
    [{}, 'nats://n1:4222,n2:4222'],
    [{ NATS_TOKEN: 'hunter2', NATS_STREAM_REPLICAS: '3' }, 'nats://n1:4222,n2:4222?token=hunter2&replicas=3'],
    [{ NATS_USERNAME: 'u', NATS_PASSWORD: 'hunter2@', NATS_TOKEN: 'x' }, 'nats://u:hunter2%40@n1:4222,n2:4222'],
    [{ NATS_JWT_TOKEN: 'hunter2', NATS_NKEY_SEED: 'S' }, 'nats://n1:4222,n2:4222?jwt=hunter2&nkey_seed=S'],
    [{ MQ_NAME_SERVER: 'nats://u:hunter2@n1', NATS_TOKEN: 'x' }, 'nats://u:hunter2@n1'],
  ]
  for (const [more, uri] of cases) {
    const { config, table } = load({ ...base, ...more })
    assert.equal(config.mq, uri)
    assert.doesNotMatch(formatBootTable(table), /hunter2/)
  }
})

test('every mistake is reported at once, by name, never by value', () => {
  const env = {
    DB_URI: 'hunter2',
    LISTEN_ADDR: 'hunter2',
    COZE_LITE: 'maybe',
    LOG_LEVEL: 'loud',
    COZE_MQ_TYPE: 'nsq',
    MAX_REQUEST_BODY_SIZE: 'hunter2',
    PUBLIC_URL: 'ftp://x',
  }
  assert.throws(
    () => load(env, { file: { dbb: { uri: 'hunter2' }, kv: 5 } }),
    (err: unknown) => {
      assert.ok(err instanceof Error)
      for (const name of [
        'DB_URI',
        'LISTEN_ADDR',
        'COZE_LITE',
        'LOG_LEVEL',
        'COZE_MQ_TYPE',
        'MAX_REQUEST_BODY_SIZE',
        'PUBLIC_URL',
      ])
        assert.match(err.message, new RegExp(name))
      assert.match(err.message, /dbb/)
      assert.doesNotMatch(err.message, /hunter2/)
      return true
    },
  )
})

test('a file that is not YAML, or not a map, is a mistake', async () => {
  await assert.rejects(parseConfigFile('a: ['), /not valid YAML/)
  assert.deepEqual(await parseConfigFile('mq:\n  uri: mem://'), { mq: { uri: 'mem://' } })
  assert.throws(() => load({}, { file: ['a'] }), /must be a map/)
})

test('addresses, sizes and the home folder are read', () => {
  const { config } = load({
    LISTEN_ADDR: ':9000',
    MAX_REQUEST_BODY_SIZE: '1048576',
    COZE_HOME: 'data',
    PUBLIC_URL: 'https://a.b/',
  })
  assert.deepEqual(config.listen, { host: '0.0.0.0', port: 9000 })
  assert.equal(config.maxRequestBodyBytes, 1_048_576)
  assert.equal(config.home, '/srv/data')
  assert.equal(config.publicUrl, 'https://a.b')
  assert.deepEqual(load({ LISTEN_ADDR: '[::1]:0' }).config.listen, { host: '::1', port: 0 })
})

test('the boot table masks secrets', () => {
  const { table } = load({
    COZE_LITE: '1',
    MODEL_API_KEY: 'hunter2',
    MODEL_URI: 'openai://u:hunter2@h/v1?model=m&api_key=hunter2',
  })
  assert.doesNotMatch(formatBootTable(table), /hunter2/)
  assert.match(formatBootTable(table), /model\.api_key +\*\*\*/)
})
