import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { AppError, messageOf } from '../../../base/errors.ts'
import { durationParam } from '../../../base/params.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { SearchDriver } from '../driver.ts'
import { ElasticSearch } from './elasticsearch/driver.ts'
import { classify } from './elasticsearch/errors.ts'
import { type ConnectOptions, Http } from './elasticsearch/http.ts'

const Params = z.strictObject({
  /** Begins the names of the two indexes. */
  prefix: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]{0,100}$/, 'use "a-z 0-9 _ . -", a letter or digit first')
    .default('snug-'),
  shards: z.coerce.number().int().min(1).max(1024).default(1),
  replicas: z.coerce.number().int().min(0).max(20).optional(),
  timeout: durationParam.prefault('30s'),
  /** Only checked: what the server is, it says itself. */
  version: z.enum(['v8', 'v9']).optional(),
  api_key: z.string().min(1).optional(),
  /** A file with the certificate of the authority that has signed the server's. */
  ca: z.string().min(1).optional(),
  fingerprint: z.string().min(1).optional(),
  verify: z.enum(['1', '0']).default('1'),
})

/**
 * `es://user:password@host:9200,host:9200?prefix=snug-&shards=1&timeout=30s`, `es+https://` by TLS: Elasticsearch 8 and 9,
 * or OpenSearch. Texts are sent analysed and ranked by scripts over exact counts; vectors are compared one by one.
 */
export async function open(uri: Uri, options: { home: string }): Promise<SearchDriver> {
  const params = parseParams(uri, Params)
  const http = new Http(await connectOptions(uri, params, options.home))
  try {
    const flavor = await http.flavor()
    if (params.version !== undefined && flavor.engine === 'Elasticsearch' && params.version !== `v${flavor.major}`)
      throw new AppError('failed_precondition', `the server is Elasticsearch ${flavor.version}, not ${params.version}`)
    const { prefix, shards, replicas } = params
    const driver = new ElasticSearch({ http, flavor, prefix, shards, replicas })
    await driver.setUp()
    return driver
  } catch (err) {
    await http.close()
    if (err instanceof AppError) throw err
    const code = classify(err)
    throw new AppError(code, `the search server cannot be used (${reasonOf(err)})`, { cause: err })
  }
}

async function connectOptions(uri: Uri, params: z.infer<typeof Params>, home: string): Promise<ConnectOptions> {
  const bad = (what: string): AppError => new AppError('invalid_argument', `${uri.scheme}: ${what}`)
  const { api_key, ca, fingerprint, verify, timeout: timeoutMs } = params
  const tls = uri.scheme === 'es+https'
  if (uri.hosts.length === 0) throw bad(`the URI names no host, as in "${uri.scheme}://localhost:9200"`)
  if (uri.hosts.some(({ host }) => host === '')) throw bad('a host has no name')
  if (!tls && (ca !== undefined || fingerprint !== undefined || verify === '0'))
    throw bad('"ca", "fingerprint" and "verify" are for es+https://')
  if (api_key !== undefined && uri.user !== '') throw bad('give a user with a password, or "api_key", not both')
  if (uri.password !== '' && uri.user === '') throw bad('there is a password, but no user')
  const path = uri.path.replace(/\/+$/, '').split('/').map(encodeURIComponent).join('/')
  const nodes = uri.hosts.map(({ host, port = 9200 }) => `${tls ? 'https' : 'http'}://${host}:${port}${path}`)
  const auth =
    api_key !== undefined
      ? { apiKey: api_key }
      : uri.user !== ''
        ? { username: uri.user, password: uri.password }
        : undefined
  const certificate = ca === undefined ? undefined : await readCertificate(resolve(home, ca))
  return {
    nodes: [...new Set(nodes)],
    timeoutMs,
    ...(auth === undefined ? {} : { auth }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(tls
      ? { tls: { ...(certificate === undefined ? {} : { ca: certificate }), rejectUnauthorized: verify === '1' } }
      : {}),
  }
}

async function readCertificate(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (err) {
    throw new AppError('invalid_argument', `es+https: the file of "ca" cannot be read (${messageOf(err)})`, {
      cause: err,
    })
  }
}

/** The server's own words on one line. The client's messages name a node by its address, which holds no secret. */
const reasonOf = (err: unknown): string => messageOf(err).split('\n', 1)[0]?.slice(0, 300) ?? ''
