import { isAbsolute, resolve } from 'node:path'
import type { z } from 'zod'
import { AppError } from './errors.ts'

/**
 * A provider URI, taken apart. The scheme picks the driver, path and hosts identify, `params` configure.
 *
 *     scheme ":" ( "//" authority path | "//" filepath | filepath ) [ "?" params ]
 *
 * For file schemes `path` is everything after the scheme, percent-decoded once: "/x" is absolute, anything
 * else is relative to the data home. For the others `hosts` holds the comma-separated authority.
 */
export type Uri = {
  readonly scheme: string
  readonly user: string
  readonly password: string
  readonly hosts: readonly { host: string; port?: number }[]
  readonly path: string
  readonly params: ReadonlyMap<string, string>
  /** The text as given. Never print it: use `maskUri`. */
  readonly text: string
}

const FILE_SCHEMES: ReadonlySet<string> = new Set(['sqlite', 'badger', 'duckdb', 'file'])
const SECRET_PARAMS = /^(.*_)?(password|passwd|token|secret|ak|sk|api_key|jwt|nkey_seed|key)$/i

const bad = (what: string): AppError => new AppError('invalid_argument', what)

function decode(text: string): string {
  let out: string
  try {
    out = decodeURIComponent(text)
  } catch {
    throw bad('a "%" in a URI must start a percent-encoded UTF-8 byte; write a plain "%" as %25')
  }
  if (out.includes('\0')) throw bad('a URI may not contain a NUL character')
  return out
}

function parseQuery(query: string): ReadonlyMap<string, string> {
  const params = new Map<string, string>()
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const [name = '', ...rest] = pair.split('=')
    const key = decode(name)
    if (params.has(key)) throw bad(`the URI parameter "${key}" is given twice`)
    params.set(key, decode(rest.join('=')))
  }
  return params
}

function parseHost(text: string): { host: string; port?: number } {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]*)(?::(\d{1,5}))?$/.exec(text)
  if (match === null) throw bad('a URI host must be "name", "name:port" or "[ipv6]:port"')
  const host = decode(match[1] ?? '')
  if (match[2] === undefined) return { host }
  const port = Number(match[2])
  if (port < 1 || port > 65_535) throw bad('a URI port must be between 1 and 65535')
  return { host, port }
}

/** Parses a provider URI. Throws `invalid_argument`; the message never repeats the URI, which may hold a secret. */
export function parseUri(text: string): Uri {
  const match = /^([a-z][a-z0-9+.-]*):(\/\/)?([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(text)
  if (match === null) throw bad('a provider URI looks like "scheme:…", with the scheme in lower case')
  const [, scheme = '', slashes, body = '', query = '', fragment] = match
  if (fragment !== undefined) throw bad('a provider URI has no "#" part; write a plain "#" as %23')
  const params = parseQuery(query)
  const none = { user: '', password: '', hosts: [] }
  if (FILE_SCHEMES.has(scheme) || slashes === undefined) return { scheme, ...none, path: decode(body), params, text }
  const slash = body.indexOf('/')
  const authority = slash < 0 ? body : body.slice(0, slash)
  const at = authority.lastIndexOf('@')
  const [user = '', ...password] = at < 0 ? [] : authority.slice(0, at).split(':')
  const hosts = authority.slice(at + 1)
  return {
    scheme,
    user: decode(user),
    password: decode(password.join(':')),
    hosts: hosts === '' ? [] : hosts.split(',').map(parseHost),
    path: slash < 0 ? '' : decode(body.slice(slash)),
    params,
    text,
  }
}

/** The URI for a log line: passwords and secret parameters become "***". Never throws. */
export function maskUri(text: string): string {
  const masked = text.replace(/^([^/]*\/\/)([^/]*)@/, (_all, start: string, info: string) =>
    info.includes(':') ? `${start}${info.split(':')[0]}:***@` : `${start}***@`,
  )
  return masked.replace(/([?&])([^=&]*)=[^&]*/g, (pair, sign: string, name: string) =>
    SECRET_PARAMS.test(name) ? `${sign}${name}=***` : pair,
  )
}

/**
 * Reads the parameters of a URI by a strict zod object: an unknown one is an error that names it and the known
 * ones. Parameters that start with "x-" are left to other tools. The message never holds a value.
 */
export function parseParams<T extends z.ZodObject>(uri: Uri, schema: T): z.infer<T> {
  const given = Object.fromEntries([...uri.params].filter(([name]) => !name.startsWith('x-')))
  const known = Object.keys(schema.shape).sort()
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const list = known.length === 0 ? 'it takes none' : `known: ${known.join(', ')}`
    throw bad(`${uri.scheme}: has no parameter "${name}"; ${list}`)
  }
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw bad(`${uri.scheme}: parameter "${issue?.path.join('.')}": ${issue?.message ?? 'invalid'}`)
}

/** Picks a driver by scheme, or explains which schemes this build has. */
export function pickScheme<T>(uri: Uri, schemes: Readonly<Record<string, T>>, setting: string): T {
  const found = Object.hasOwn(schemes, uri.scheme) ? schemes[uri.scheme] : undefined
  if (found !== undefined) return found
  const known = Object.keys(schemes)
    .sort()
    .map((s) => `${s}:`)
    .join(', ')
  throw bad(`${setting}: the scheme "${uri.scheme}:" is not available in this build; available: ${known}`)
}

/** The absolute path a file URI means: relative ones start at the data home. `:memory:` stays as it is. */
export function resolveDataPath(home: string, uri: Uri): string {
  if (uri.path === '') throw bad(`${uri.scheme}: the URI names no path, as in "${uri.scheme}://./var/data/…"`)
  return uri.path === ':memory:' || isAbsolute(uri.path) ? uri.path : resolve(home, uri.path)
}
