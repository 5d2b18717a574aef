import { z } from 'zod'
import { AppError } from '../../../../base/errors.ts'
import { durationParam } from '../../../../base/params.ts'
import { parseParams, type Uri } from '../../../../base/uri.ts'

const isHttp = (text: string): boolean => /^https?:\/\/[^\s/@?#]+\/?$/.test(text)

const NsqParams = z.strictObject({
  concurrency: z.coerce.number().int().min(1).max(1024).default(4),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,20}$/, 'is 1-20 letters, digits, "_" or "-"')
    .default('snug'),
  lookupd: z
    .string()
    .default('')
    .transform((text) => (text === '' ? [] : text.split(',').map((url) => url.replace(/\/$/, ''))))
    .refine((urls) => urls.every(isHttp), 'is a list of addresses such as http://host:4161'),
  msg_timeout: durationParam.pipe(z.number().min(1_000, 'is 1s or more').max(3_600_000)).default(20_000),
  timeout: durationParam.pipe(z.number().min(100, 'is 100ms or more').max(60_000)).default(5_000),
  durable: z.enum(['1', '0']).default('0'),
  auth_secret: z.string().min(1, 'is empty').optional(),
})

export type NsqSettings = z.infer<typeof NsqParams> & { readonly hosts: readonly Address[] }
export type Address = { readonly host: string; readonly port: number }

/** `nsq://host[:port],…?…`. Throws `invalid_argument`. */
export function nsqSettings(uri: Uri): NsqSettings {
  const params = parseParams(uri, NsqParams)
  const bad = (what: string) => new AppError('invalid_argument', `nsq: ${what}`)
  if (uri.user !== '' || uri.password !== '')
    throw bad('takes no user or password; a secret is the parameter "auth_secret"')
  if (uri.hosts.length === 0 || uri.hosts.some(({ host }) => host === ''))
    throw bad('the URI names no host, as in "nsq://host:4150"')
  if (uri.path !== '' && uri.path !== '/') throw bad('the URI has no path')
  return {
    ...params,
    hosts: uri.hosts.map(({ host, port }) => ({ host: host.replace(/^\[|\]$/g, ''), port: port ?? 4150 })),
  }
}
