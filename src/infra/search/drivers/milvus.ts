import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { AppError, messageOf } from '../../../base/errors.ts'
import { durationParam } from '../../../base/params.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { VectorDriver } from '../driver.ts'
import { Client, type ConnectOptions } from './milvus/client.ts'
import { MilvusVectors } from './milvus/driver.ts'
import { classify } from './milvus/errors.ts'

const Params = z.strictObject({
  /** Begins the names of the collections; they know no "-". */
  prefix: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,100}$/, 'use letters, digits, "_" and "-", no digit first')
    .transform((prefix) => prefix.replaceAll('-', '_'))
    .default('snug_'),
  token: z.string().min(1).optional(),
  timeout: durationParam.prefault('15s'),
  tls: z.enum(['1', '0']).default('0'),
  /** A file with the certificate of the authority that has signed the server's. */
  ca: z.string().min(1).optional(),
  server_name: z.string().min(1).optional(),
})

/**
 * `milvus://user:password@host:19530/database?prefix=snug_&token=&tls=0&timeout=15s`: Milvus from 2.4 on, or Milvus Lite.
 * Keeps vectors only, indexed flat and compared one by one, by cosine.
 */
export async function open(uri: Uri, options: { home: string }): Promise<VectorDriver> {
  const params = parseParams(uri, Params)
  const client = new Client(await connectOptions(uri, params, options.home))
  try {
    return new MilvusVectors(client, params.prefix, await client.connect())
  } catch (err) {
    await client.close().catch(() => undefined)
    const code = classify(err)
    const reason = messageOf(err).split('\n', 1)[0]?.slice(0, 300) ?? ''
    throw new AppError(code === 'unknown' ? 'unavailable' : code, `Milvus cannot be used (${reason})`, { cause: err })
  }
}

async function connectOptions(uri: Uri, params: z.infer<typeof Params>, home: string): Promise<ConnectOptions> {
  const bad = (what: string): AppError => new AppError('invalid_argument', `milvus: ${what}`)
  const { token, timeout: timeoutMs, ca, server_name } = params
  const [place, ...others] = uri.hosts
  if (place === undefined || place.host === '') throw bad('the URI names no host, as in "milvus://localhost:19530"')
  if (others.length > 0) throw bad('takes one host')
  if (token !== undefined && uri.user !== '') throw bad('give a user with a password, or "token", not both')
  if (uri.password !== '' && uri.user === '') throw bad('there is a password, but no user')
  const [database = '', ...rest] = uri.path.replace(/^\//, '').split('/')
  if (rest.length > 0) throw bad('the path is the name of a database')
  const tls = params.tls === '1'
  if (!tls && (ca !== undefined || server_name !== undefined)) throw bad('"ca" and "server_name" need tls=1')
  const rootCert = ca === undefined ? undefined : await readCertificate(resolve(home, ca))
  return {
    address: `${place.host}:${place.port ?? 19_530}`,
    database: database === '' ? undefined : database,
    timeoutMs,
    ...(token !== undefined ? { auth: { token } } : {}),
    ...(uri.user !== '' ? { auth: { username: uri.user, password: uri.password } } : {}),
    ...(tls
      ? {
          tls: {
            ...(rootCert === undefined ? {} : { rootCert }),
            ...(server_name === undefined ? {} : { serverName: server_name }),
          },
        }
      : {}),
  }
}

async function readCertificate(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (err) {
    throw new AppError('invalid_argument', `milvus: the file of "ca" cannot be read (${messageOf(err)})`, {
      cause: err,
    })
  }
}
