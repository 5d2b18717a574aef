import { z } from 'zod'
import { AppError } from '../../../../base/errors.ts'
import { durationParam, sizeParam } from '../../../../base/params.ts'
import { parseParams, type Uri } from '../../../../base/uri.ts'

const MIB = 1024 ** 2
const Switch = z.enum(['0', '1'])
/** A server's address; anything behind the port would have to be signed as the server itself sees it. */
const Endpoint = z
  .url({ protocol: /^https?$/, error: 'an http or https address' })
  .refine((text) => /^https?:\/\/[^/?#@]+\/?$/.test(text), 'an address without user, path and query')
  .transform((text) => text.replace(/\/$/, ''))

const Params = z.strictObject({
  endpoint: Endpoint.optional(),
  public_endpoint: Endpoint.optional(),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, 'lower-case letters, digits and "-"')
    .default('us-east-1'),
  path_style: Switch.optional(),
  prefix: z.string().max(256, 'at most 256 characters').default(''),
  create_bucket: Switch.default('1'),
  checksums: z.enum(['required', 'supported']).default('required'),
  timeout: durationParam.pipe(z.number().min(100).max(300_000)).default(10_000),
  part_size: sizeParam
    .pipe(
      z
        .number()
        .min(5 * MIB)
        .max(1024 * MIB),
    )
    .default(8 * MIB),
})

/** Where objects are and how they are reached. */
export type Place = {
  bucket: string
  /** Stands before every key. */
  prefix: string
  region: string
  /** Undefined: AWS. */
  endpoint: string | undefined
  /** What browsers reach; in signed addresses. */
  publicEndpoint: string | undefined
  pathStyle: boolean
  /** Undefined: found as the AWS tools do, in the environment, a profile, or the machine's role. */
  keys: { accessKeyId: string; secretAccessKey: string } | undefined
  createBucket: boolean
  checksums: 'required' | 'supported'
  /** How long a call may take without an answer, and how long the stream of a body may stand still. */
  timeoutMs: number
  partBytes: number
}

const bad = (what: string): AppError => new AppError('invalid_argument', what)

/** Reads `s3://KEY:SECRET@bucket?…`. Throws `invalid_argument`, without repeating the URI. */
export function placeOf(uri: Uri): Place {
  const params = parseParams(uri, Params)
  const [host, ...others] = uri.hosts
  const bucket = host?.host ?? ''
  if (bucket === '') throw bad('s3: the URI names no bucket, as in "s3://key:secret@bucket?endpoint=http://host:9000"')
  if (others.length > 0 || host?.port !== undefined || !/^\/?$/.test(uri.path))
    throw bad('s3: the URI names one bucket only; the server is the parameter "endpoint", a folder "prefix"')
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw bad('s3: the name of a bucket has 3-63 lower-case letters, digits, "." and "-"')
  if ((uri.user === '') !== (uri.password === '')) throw bad('s3: give both the access key and its secret, or neither')
  if (!/^([^/\p{Cc}]+\/)*[^/\p{Cc}]*$/u.test(params.prefix) || /(^|\/)\.{1,2}(\/|$)/.test(params.prefix))
    throw bad('s3: parameter "prefix": the beginning of a key, as in "snug/"')
  const { endpoint } = params
  const isAws = endpoint === undefined || new URL(endpoint).hostname.endsWith('.amazonaws.com')
  return {
    bucket,
    prefix: params.prefix,
    region: params.region,
    endpoint,
    publicEndpoint: params.public_endpoint,
    pathStyle: params.path_style === undefined ? !isAws : params.path_style === '1',
    keys: uri.user === '' ? undefined : { accessKeyId: uri.user, secretAccessKey: uri.password },
    createBucket: params.create_bucket === '1',
    checksums: params.checksums,
    timeoutMs: params.timeout,
    partBytes: params.part_size,
  }
}
