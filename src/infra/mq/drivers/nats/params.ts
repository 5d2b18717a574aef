import { z } from 'zod'
import { AppError } from '../../../../base/errors.ts'
import { durationParam } from '../../../../base/params.ts'
import { parseParams, type Uri } from '../../../../base/uri.ts'

const WEEK_MS = 7 * 86_400_000

export const NatsParams = z.strictObject({
  concurrency: z.coerce.number().int().min(1).max(1024).default(4),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/, 'is 1-32 letters, digits, "_" or "-"')
    .default('snug'),
  replicas: z.coerce.number().int().min(1).max(5).default(1),
  max_age: durationParam.pipe(z.number().min(WEEK_MS, 'is 7d or more')).default(2 * WEEK_MS),
  ack_wait: durationParam.pipe(z.number().min(500, 'is 500ms or more').max(3_600_000)).default(20_000),
  timeout: durationParam.pipe(z.number().min(100, 'is 100ms or more').max(60_000)).default(5_000),
  tls: z.enum(['1', '0']).default('0'),
  token: z.string().min(1, 'is empty').optional(),
  jwt: z.string().min(1, 'is empty').optional(),
  nkey_seed: z
    .string()
    .regex(/^SU[A-Z2-7]+$/, 'is the seed of a user, which begins with "SU"')
    .optional(),
})

export type NatsSettings = z.infer<typeof NatsParams> & {
  readonly servers: string[]
  readonly user: string
  readonly password: string
}

/** `nats://[user[:password]@]host[:port],…?…`. Throws `invalid_argument`. */
export function natsSettings(uri: Uri): NatsSettings {
  const params = parseParams(uri, NatsParams)
  const bad = (what: string) => new AppError('invalid_argument', `nats: ${what}`)
  const { user, password, hosts } = uri
  if (hosts.length === 0 || hosts.some(({ host }) => host === ''))
    throw bad('the URI names no host, as in "nats://host:4222"')
  if (uri.path !== '' && uri.path !== '/') throw bad('the URI has no path')
  if (user === '' && password !== '') throw bad('a password needs a user; a token is the parameter "token"')
  const ways = [user, params.token ?? '', params.jwt ?? params.nkey_seed ?? ''].filter((way) => way !== '')
  if (ways.length > 1) throw bad('give one of user, "token" and "nkey_seed"')
  if (params.jwt !== undefined && params.nkey_seed === undefined) throw bad('"jwt" also needs "nkey_seed"')
  return { ...params, user, password, servers: hosts.map(({ host, port }) => `${host}:${port ?? 4222}`) }
}
