import type { ErrorCode } from './errors.ts'
import { AppError } from './errors.ts'
import type { Uri } from './uri.ts'

const PRIVATE_IPV4 =
  /^(127|10|0)\.|^192\.168\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./
const PRIVATE_IPV6 = /^\[(::1|::|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*)\]$/i
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|lan|home\.arpa|localdomain)$/i

/**
 * Whether a host is on this machine or its own network, judged by its spelling: loopback and private addresses, names
 * without a dot (containers), `.local`, `.internal` and their kin.
 */
export function isPrivateHost(host: string): boolean {
  if (host.startsWith('[')) return PRIVATE_IPV6.test(host)
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return PRIVATE_IPV4.test(host)
  return !host.includes('.') || PRIVATE_NAME.test(host)
}

export type EndpointDefaults = {
  /** Used when the URI names no host; without it the host is required. */
  host?: string
  port?: number
  /** Used when the URI has no path. */
  path?: string
  /** Whether to speak TLS; by default port 443 and public hosts do, port 80 and private hosts don't. */
  tls?: boolean | undefined
}

/** The http(s) address that a URI such as `openai://host:port/v1` means, without a slash at the end. */
export function endpointUrl(uri: Uri, defaults: EndpointDefaults = {}): string {
  if (uri.user !== '' || uri.password !== '')
    throw new AppError('invalid_argument', `${uri.scheme}: takes no user or password; give the key by its own setting`)
  if (uri.hosts.length > 1) throw new AppError('invalid_argument', `${uri.scheme}: takes one host`)
  const host = uri.hosts[0]?.host || defaults.host
  if (host === undefined)
    throw new AppError('invalid_argument', `${uri.scheme}: the URI names no host, as in "${uri.scheme}://host:port"`)
  const port = uri.hosts[0]?.port ?? defaults.port
  const guess = port === 443 || (port !== 80 && !isPrivateHost(host))
  const tls = defaults.tls ?? guess
  const path = uri.path === '' || uri.path === '/' ? (defaults.path ?? '') : uri.path.replace(/\/+$/, '')
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  return `${tls ? 'https' : 'http'}://${host}${port === undefined ? '' : `:${port}`}${encoded}`
}

/**
 * The code that a status of a remote HTTP service means for us. A path or model that is not there is a wrong setting, not
 * a thing that our own caller asked for, and a redirect is a wrong address.
 */
export function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'unauthenticated'
  if (status === 402) return 'resource_exhausted'
  if (status === 403) return 'permission_denied'
  if (status === 404 || status === 405) return 'failed_precondition'
  if (status === 408 || status === 504) return 'deadline_exceeded'
  if (status === 429) return 'rate_limited'
  return status >= 500 ? 'unavailable' : 'invalid_argument'
}

/** Milliseconds from a `Retry-After` header: seconds or an HTTP date. `undefined` when it says nothing. */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | undefined {
  if (header === null || header === undefined || header.trim() === '') return undefined
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return seconds < 0 ? undefined : Math.ceil(seconds * 1000)
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

/** Milliseconds that an error answer asks to wait: its `Retry-After`, or the `retryDelay` that Google puts into the body. */
export function askedWaitMs(retryAfter: string | null | undefined, body: string, nowMs: number): number | undefined {
  const delay = /"retryDelay"\s*:\s*"([\d.]+)s"/.exec(body)?.[1]
  return parseRetryAfter(retryAfter, nowMs) ?? parseRetryAfter(delay, nowMs)
}

/** Whether an error answer refuses the key. Google does so with a status of 400. */
export const isKeyRefused = (status: number, body: string): boolean =>
  status === 401 || status === 403 || (status === 400 && /API_KEY_INVALID|API key (?:not valid|expired)/.test(body))

/** Whether an error answer says that the account has nothing left, so that waiting a little does not help. */
export const isQuotaSpent = (status: number, body: string): boolean =>
  (status === 429 && /insufficient_quota|"quotaId"\s*:\s*"\w*PerDay/.test(body)) ||
  (status === 400 && /credit balance is too low/.test(body))

const MAX_REASON_CHARS = 300

/** A remote service's own words on an error, from the body of its answer: one line, without the secrets given. */
export function reasonIn(body: string, secrets: readonly (string | undefined)[] = []): string {
  let found: unknown = body
  try {
    const json: unknown = JSON.parse(body)
    found = pick(json, 'error') ?? pick(json, 'message') ?? pick(json, 'detail') ?? ''
    found = pick(found, 'message') ?? found
  } catch {
    // Not JSON: a proxy's page says nothing that helps.
    if (/^\s*</.test(body)) return ''
  }
  const text = (typeof found === 'string' ? found : JSON.stringify(found)).replace(/[\p{Cc}\s]+/gu, ' ').trim()
  let clean = text
  for (const secret of secrets) if (secret !== undefined && secret !== '') clean = clean.replaceAll(secret, '***')
  return clean.slice(0, MAX_REASON_CHARS)
}

const pick = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
