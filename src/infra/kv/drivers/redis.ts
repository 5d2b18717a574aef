import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { AppError, type ErrorCode } from '../../../base/errors.ts'
import { durationParam } from '../../../base/params.ts'
import { parseParams, type Uri } from '../../../base/uri.ts'
import type { Command, KvDriver, KvProbe, Outcome, Reply } from '../driver.ts'
import { encode } from './redis/commands.ts'
import { Connection } from './redis/connection.ts'
import { codeOf } from './redis/errors.ts'
import { factsOf, parseInfo } from './redis/facts.ts'
import { Walks } from './redis/scan.ts'

const Params = z.strictObject({
  prefix: z.string().max(256, 'at most 256 characters').default(''),
  dial: durationParam.pipe(z.number().min(100).max(60_000)).default(5_000),
  timeout: durationParam.pipe(z.number().min(100).max(60_000)).default(3_000),
  ca: z.string().min(1).optional(),
  verify: z.enum(['0', '1']).optional(),
})

const bad = (what: string): AppError => new AppError('invalid_argument', what)

/**
 * `redis://[user][:password]@host[:6379][/db]?prefix=…&dial=5s&timeout=3s`, by TLS with `rediss://` and `ca=<file>`,
 * `verify=0`. Redis 6 or newer, or Valkey; one server, no cluster. `prefix` stands before every key, so that several can share a
 * database. A command fails `unavailable` after `timeout` without an answer; whether it took effect is then unknown.
 */
export async function open(uri: Uri, options: { home: string }): Promise<KvDriver> {
  const params = parseParams(uri, Params)
  const [server, ...others] = uri.hosts
  if (server === undefined || server.host === '') throw bad(`${uri.scheme}: the URI names no host`)
  if (others.length > 0) throw bad(`${uri.scheme}: takes one host; clusters and sentinels are not supported`)
  const [, db] = /^\/?(\d{0,5})$/.exec(uri.path) ?? []
  if (db === undefined) throw bad(`${uri.scheme}: the path is the number of the database, as in "/0"`)
  const tls = uri.scheme === 'rediss'
  if (!tls && (params.ca !== undefined || params.verify !== undefined))
    throw bad('redis: "ca" and "verify" belong to rediss:')
  const connection = await Connection.open({
    host: server.host.replace(/^\[(.*)\]$/, '$1'),
    port: server.port ?? 6379,
    user: uri.user,
    password: uri.password,
    db: Number(db),
    dialMs: params.dial,
    timeoutMs: params.timeout,
    tls: tls ? { verify: params.verify !== '0', ...(await readCa(options.home, params.ca)) } : undefined,
  })
  try {
    await mustSuit(connection)
    return new RedisStore(connection, params.prefix)
  } catch (err) {
    await connection.close()
    throw err
  }
}

/** Throws `failed_precondition` for servers that would fail later, at some commands. */
async function mustSuit(connection: Connection): Promise<void> {
  const info = parseInfo(String(await connection.send(['INFO']).catch(() => '')))
  if (info.get('cluster_enabled') === '1')
    throw new AppError('failed_precondition', 'the server is a node of a Redis cluster, which is not supported')
  const version = info.get('redis_version')
  if (version !== undefined && Number.parseInt(version, 10) < 6)
    throw new AppError('failed_precondition', `the server is Redis ${version}; Snug needs 6 or newer`)
}

async function readCa(home: string, file: string | undefined): Promise<{ ca?: string }> {
  if (file === undefined) return {}
  try {
    return { ca: await readFile(resolve(home, file), 'utf8') }
  } catch (err) {
    throw new AppError('invalid_argument', 'rediss: parameter "ca": the file cannot be read', { cause: err })
  }
}

class RedisStore implements KvDriver {
  readonly provider = 'redis'
  readonly features: ReadonlySet<string> = new Set(['reopen'])
  readonly #connection: Connection
  readonly #prefix: string
  readonly #walks: Walks

  constructor(connection: Connection, prefix: string) {
    this.#connection = connection
    this.#prefix = prefix
    this.#walks = new Walks((wire) => connection.send(wire), prefix)
  }

  run(commands: readonly Command[]): Promise<Outcome[]> {
    return Promise.all(commands.map((command) => this.#attempt(command)))
  }

  async #attempt(command: Command): Promise<Outcome> {
    try {
      return { ok: true, value: await this.#ask(command) }
    } catch (error) {
      return { ok: false, error }
    }
  }

  async #ask(command: Command): Promise<Reply> {
    if (command.op === 'scan') return this.#walks.page(command.prefix, command.after, command.limit)
    if (command.op === 'size') return this.#walks.size()
    const { wire, read } = encode(command, (key) => this.#prefix + key)
    return read((await this.#connection.send(wire)) as never)
  }

  async probe(): Promise<KvProbe> {
    const { trouble, waiting } = this.#connection
    if (trouble !== undefined) throw new Error(`not connected: ${trouble}`)
    // Written and removed in one step, so that nobody sees it.
    const write = `redis.call('SET', KEYS[1], '1') return redis.call('DEL', KEYS[1])`
    const [info, save] = await Promise.all([
      this.#connection.send(['INFO']),
      // Hosted servers often keep CONFIG to themselves.
      this.#connection.send(['CONFIG', 'GET', 'save']).catch(() => undefined),
      this.#connection.send(['EVAL', write, '1', `${this.#prefix}snug:health`]),
    ])
    const facts = factsOf(parseInfo(String(info)), Array.isArray(save) ? String(save[1] ?? '') : undefined)
    return { ...facts, checks: { ...facts.checks, waitingCommands: waiting } }
  }

  codeOf(err: unknown): ErrorCode {
    return codeOf(err)
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
