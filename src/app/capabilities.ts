import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, codeOf, messageOf } from '../base/errors.ts'
import type { Health } from '../base/health.ts'
import { maskUri } from '../base/uri.ts'
import type { Config } from '../config/config.ts'
import type { Blob } from '../infra/blob/blob.ts'
import { openBlob } from '../infra/blob/open.ts'
import type { Database } from '../infra/db/db.ts'
import { openDatabase } from '../infra/db/open.ts'
import type { Embedding } from '../infra/embedding/embedding.ts'
import { openEmbedding } from '../infra/embedding/open.ts'
import type { Kv } from '../infra/kv/kv.ts'
import { openKv } from '../infra/kv/open.ts'
import type { Model } from '../infra/model/model.ts'
import { openModel } from '../infra/model/open.ts'
import type { Mq } from '../infra/mq/mq.ts'
import { openMq } from '../infra/mq/open.ts'
import { openSearch } from '../infra/search/open.ts'
import type { Search } from '../infra/search/search.ts'

/** Every provider the configuration named, opened. */
export type Capabilities = {
  db: Database
  kv: Kv
  search: Search
  mq: Mq
  blob: Blob
  model: Model
  embedding: Embedding
}

export type CapabilityOptions = {
  /** The address under which browsers reach the server; known once it listens. */
  publicUrl: () => string
  /** Where a provider says that it works, but not as it should. */
  warn: (text: string) => void
  /** Ends the waiting for services that do not answer yet. */
  signal?: AbortSignal
}

const WAIT_MS = 1_000

/** The setting that picks each capability, for messages. */
const SETTING_OF: Readonly<Record<keyof Capabilities, string>> = {
  db: 'DB_URI',
  kv: 'KV_URI',
  search: 'SEARCH_URI',
  mq: 'MQ_URI',
  blob: 'BLOB_URI',
  model: 'MODEL_URI',
  embedding: 'EMBEDDING_URI',
}

/** What to do when the services of the built-in defaults are not there. */
export const LITE_HINT =
  'to run with nothing beside it, use lite mode: add --lite, as in "snug serve --lite", or set COZE_LITE=1'

/**
 * Opens every provider at the same time. When any of them cannot be opened, the others are closed again and one
 * `unavailable` error names all that failed, each with its setting, and how to start in lite mode instead.
 */
export async function openCapabilities(config: Config, options: CapabilityOptions): Promise<Capabilities> {
  const { home } = config
  const endsAtMs = performance.now() + config.startupWaitMs
  // One that will never open makes waiting for the others pointless.
  const hopeless = new AbortController()
  const signal = AbortSignal.any([hopeless.signal, ...(options.signal ? [options.signal] : [])])
  let hints = config.lite ? [] : [LITE_HINT]
  const soon = <K extends keyof Capabilities>(name: K, open: () => Promise<Capabilities[K]>) => {
    const onWait = (err: unknown) => {
      options.warn([`waiting for ${name}, ${failureOf(config, name, err)}`, ...hints].join('; '))
      hints = []
    }
    const opening = patiently(open, { endsAtMs, signal, onWait })
    opening.catch(() => hopeless.abort())
    return opening
  }
  const opening: { [K in keyof Capabilities]: Promise<Capabilities[K]> } = {
    db: soon('db', () => openDatabase(config.db, { home })),
    kv: soon('kv', () => openKv(config.kv, { home })),
    search: soon('search', () => openSearch(config.search, { home, vector: vectorApart(config), warn: options.warn })),
    mq: soon('mq', () => openMq(config.mq, { home })),
    blob: soon('blob', () => openBlob(config.blob, { home, publicUrl: options.publicUrl })),
    model: soon('model', () => openModel(config.model, { home, ...key(config.modelApiKey), warn: options.warn })),
    embedding: soon('embedding', () => openEmbedding(config.embedding, key(config.embeddingApiKey))),
  }
  const names = Object.keys(opening) as (keyof Capabilities)[]
  const results = await Promise.allSettled(names.map((name) => opening[name]))
  const failures = results.flatMap((result, i) => {
    const name = names[i]
    return result.status === 'fulfilled' || name === undefined ? [] : [{ name, reason: result.reason as unknown }]
  })
  if (failures.length === 0) {
    const entries = results.map((result, i) => [names[i], result.status === 'fulfilled' ? result.value : undefined])
    return Object.fromEntries(entries) as Capabilities
  }
  await Promise.allSettled(results.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)))
  options.signal?.throwIfAborted()
  const lines = failures.map(({ name, reason }) => `${name.padEnd(9)} ${failureOf(config, name, reason)}`)
  const hint = config.lite ? [] : [LITE_HINT]
  throw new AppError('unavailable', ['these services could not be opened:', ...lines, ...hint].join('\n  '), {
    cause: failures[0]?.reason,
  })
}

function failureOf(config: Config, name: keyof Capabilities, reason: unknown): string {
  const setting = SETTING_OF[name]
  const [, ofVectors] = /^VECTOR_URI: (.*)$/s.exec(messageOf(reason)) ?? []
  if (ofVectors !== undefined && config.vector !== undefined)
    return `${maskUri(config.vector)} (VECTOR_URI): ${ofVectors}`
  const what = messageOf(reason).replace(new RegExp(`^${setting}: `), '')
  return `${maskUri(config[name])} (${setting}): ${what}`
}

type Patience = { endsAtMs: number; signal: AbortSignal; onWait(err: unknown): void }

/** Opens a service that may still be starting: tries again while nothing but its absence is in the way. */
async function patiently<T>(open: () => Promise<T>, { endsAtMs, signal, onWait }: Patience): Promise<T> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await open()
    } catch (err) {
      if (codeOf(err) !== 'unavailable' || performance.now() + WAIT_MS > endsAtMs) throw err
      if (isFirst) onWait(err)
      await sleep(WAIT_MS, undefined, { signal }).catch(() => {
        throw err
      })
    }
  }
}

const key = (apiKey: string | undefined) => (apiKey === undefined ? {} : { apiKey })

/** Vectors lie with the documents unless the setting names another place. */
const vectorApart = ({ search, vector }: Config): string | undefined => (vector === search ? undefined : vector)

/** The health of each capability, and of `vector` where vectors lie apart. */
export type Healths = Record<keyof Capabilities, Health> & { vector?: Health }

/** Asks every provider at the same time; each answers within 2 s. */
export async function healthOf(capabilities: Capabilities): Promise<Healths> {
  const entries = Object.entries(capabilities) as [keyof Capabilities, Capabilities[keyof Capabilities]][]
  const [vector, ...healths] = await Promise.all([
    capabilities.search.vectorHealth(),
    ...entries.map(async ([name, front]) => [name, await front.health()] as const),
  ])
  const all = Object.fromEntries(healths) as Record<keyof Capabilities, Health>
  return vector === undefined ? all : { ...all, vector }
}

/** Closes what depends on others first; the database last, since everyone writes to it until the end. */
export async function closeCapabilities(capabilities: Capabilities): Promise<void> {
  const { mq, model, embedding, search, blob, kv, db } = capabilities
  for (const front of [mq, model, embedding, search, blob, kv, db]) await front.close()
}
