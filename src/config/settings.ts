import { z } from 'zod'
import { AppError } from '../base/errors.ts'
import { parseDuration, parseSize } from '../base/units.ts'
import { parseUri } from '../base/uri.ts'

/** One setting: where it comes from, what it is in lite mode and otherwise, and how its text is read. */
export type Setting = {
  /** Name in the configuration file: `db.uri`. */
  key: string
  /** Name in the environment: `DB_URI`. */
  env: string
  /** Older environment names of the same meaning, tried when `env` is unset. */
  aliases?: readonly string[]
  /** What the lite preset fills in. */
  lite?: string
  /** What holds when nothing else is given; absent for settings that may stay unset. */
  fallback?: string
  /** Never printed. */
  secret?: boolean
  /** One sentence for the documentation. */
  about: string
  check: z.ZodType<unknown, string>
}

/** Turns a parser that throws into a check, without ever repeating the text. */
const parsed = <T>(parse: (text: string) => T) =>
  z.string().transform((text, context) => {
    try {
      return parse(text)
    } catch (err) {
      context.addIssue({ code: 'custom', message: err instanceof AppError ? err.message : 'is not valid' })
      return z.NEVER
    }
  })

const ProviderUri = parsed((text) => parseUri(text).text)
const Switch = z.enum(['1', '0', 'true', 'false', 'on', 'off', 'yes', 'no'], 'must be 1 or 0').transform((text) => {
  return ['1', 'true', 'on', 'yes'].includes(text)
})
const Text = z.string()
const Duration = parsed(parseDuration)
const Size = parsed((text) => (/^\d+$/.test(text) ? Number(text) : parseSize(text)))
const HttpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .transform((url) => url.replace(/\/+$/, ''))
const Address = parsed((text) => {
  const match = /^(.*):(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (match === null || port > 65_535)
    throw new AppError('invalid_argument', 'must be "host:port" or ":port", with a port from 0 to 65535')
  const host = (match[1] ?? '').replace(/^\[(.*)\]$/, '$1')
  return { host: host === '' ? '0.0.0.0' : host, port }
})

const uri = <R extends Pick<Setting, 'about'> & Partial<Setting>>(key: string, env: string, rest: R) => ({
  key: `${key}.uri`,
  env,
  check: ProviderUri,
  ...rest,
})

/** Every setting there is; documentation and `.env.example` are made from this list. */
export const SETTINGS = {
  lite: {
    key: 'lite',
    env: 'COZE_LITE',
    fallback: '0',
    about: 'Fills every provider that is not set with its embedded one; the same as `--lite`.',
    check: Switch,
  },
  home: {
    key: 'home',
    env: 'COZE_HOME',
    about: 'Where relative data paths start; the working directory when unset.',
    check: Text,
  },
  listen: {
    key: 'listen',
    env: 'LISTEN_ADDR',
    fallback: '127.0.0.1:8888',
    about: 'Address of the HTTP server, `host:port`; port 0 takes a free one, `:8888` listens on every interface.',
    check: Address,
  },
  role: {
    key: 'role',
    env: 'SNUG_ROLE',
    fallback: 'all',
    about:
      'What this process does: `api` answers requests, `worker` does the work behind them, `all` does both. The first two need a database and a queue that several processes reach.',
    check: z.enum(['all', 'api', 'worker'], 'must be all, api or worker'),
  },
  startupWaitMs: {
    key: 'startup_wait',
    env: 'STARTUP_WAIT',
    fallback: '30s',
    about: 'How long the start waits for services that do not answer yet.',
    check: Duration,
  },
  publicUrl: {
    key: 'public_url',
    env: 'PUBLIC_URL',
    about: 'How browsers reach this server, for links to files; the listening address when unset.',
    check: HttpUrl,
  },
  db: uri('db', 'DB_URI', {
    lite: 'sqlite://./var/data/sqlite/app.db',
    fallback: 'mysql://coze@mysql:3306/opencoze',
    about: 'Relational database.',
  }),
  kv: uri('kv', 'KV_URI', {
    aliases: ['CACHE_URI'],
    lite: 'badger://./var/data/badger',
    fallback: 'redis://redis:6379',
    about: 'Key-value store.',
  }),
  search: uri('search', 'SEARCH_URI', {
    lite: 'duckdb://./var/data/duckdb/search.db',
    fallback: 'es://elasticsearch:9200',
    about: 'Search index for text, and for vectors unless `VECTOR_URI` names another.',
  }),
  vector: uri('vector', 'VECTOR_URI', { about: 'Vector index, when it is not the search index.' }),
  mq: uri('mq', 'MQ_URI', {
    lite: 'mem://',
    fallback: 'nsq://nsqd:4150?lookupd=http://nsqlookupd:4161',
    about: 'Message queue.',
  }),
  blob: uri('blob', 'BLOB_URI', {
    lite: 'file://./var/data/blob',
    fallback: 's3://opencoze?endpoint=http://minio:9000',
    about: 'Object storage.',
  }),
  model: uri('model', 'MODEL_URI', {
    fallback: 'extractive:',
    about:
      'Chat model: `extractive:` quotes the best passages, offline; `anthropic:`, `gemini:` and `openai://host/v1`, each with `?model=…`, write answers.',
  }),
  embedding: uri('embedding', 'EMBEDDING_URI', {
    fallback: 'hash:?dims=256',
    about:
      'Embedding: `hash:` is lexical and offline; `openai://`, `gemini:`, `ollama://` and `http://` are semantic ones.',
  }),
  modelApiKey: {
    key: 'model.api_key',
    env: 'MODEL_API_KEY',
    secret: true,
    about: 'API key of the model.',
    check: Text,
  },
  embeddingApiKey: {
    key: 'embedding.api_key',
    env: 'EMBEDDING_API_KEY',
    secret: true,
    about: 'API key of the embedding service.',
    check: Text,
  },
  allowRegistration: {
    key: 'allow_registration',
    env: 'ALLOW_REGISTRATION',
    fallback: '0',
    about: 'Whether anyone may register; the first account, the owner, always may.',
    check: Switch,
  },
  maxRequestBodyBytes: {
    key: 'max_request_body_size',
    env: 'MAX_REQUEST_BODY_SIZE',
    fallback: '200mb',
    about: 'Largest request body and upload.',
    check: Size,
  },
  shutdownDelayMs: {
    key: 'shutdown_delay',
    env: 'SHUTDOWN_DELAY',
    fallback: '0s',
    about:
      'How long after SIGTERM the server goes on as before while `/readyz` answers 503, so that a proxy can send its requests elsewhere first.',
    check: Duration,
  },
  shutdownGraceMs: {
    key: 'shutdown_grace',
    env: 'SHUTDOWN_GRACE',
    fallback: '8s',
    about: 'How long running requests, chats and jobs may go on after SIGTERM; closing the stores takes a moment more.',
    check: Duration,
  },
  logLevel: {
    key: 'log_level',
    env: 'LOG_LEVEL',
    fallback: 'info',
    about: 'trace, debug, info, warn, error or silent.',
    check: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
  },
} satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS
