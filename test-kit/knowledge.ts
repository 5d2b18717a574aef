import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, systemClock } from '../src/base/clock.ts'
import { idGenerator } from '../src/base/ids.ts'
import type { Actor } from '../src/domain/actor.ts'
import type { Context } from '../src/domain/context.ts'
import { Files } from '../src/domain/file/service.ts'
import { Knowledge, type KnowledgeDeps } from '../src/domain/knowledge/service.ts'
import { DOCUMENT_STATUS, type NewDocument } from '../src/domain/knowledge/types.ts'
import { Outbox } from '../src/domain/outbox.ts'
import { openBlob } from '../src/infra/blob/open.ts'
import { DocumentParser } from '../src/infra/document/document.ts'
import type { Embedding } from '../src/infra/embedding/embedding.ts'
import { openEmbedding } from '../src/infra/embedding/open.ts'
import { openMq } from '../src/infra/mq/open.ts'
import { openSearch } from '../src/infra/search/open.ts'
import { allHandlers } from '../src/worker/handlers/all.ts'
import { Relay } from '../src/worker/relay.ts'
import { Worker } from '../src/worker/worker.ts'
import { testDatabase } from './db.ts'
import { temporaryFolder } from './tmp.ts'

export type Tap = (call: string) => Promise<void> | void

export type TestKnowledgeOptions = {
  embedding?: Embedding
  /**
   * Hears of every call of a store before it is made, as "search.put", and may hold it up or fail it: what a slow or
   * dying store does.
   */
  tap?: Tap
  searchUri?: string
  clock?: Clock
  maxFileBytes?: number
  maxAttempts?: number
  /** Leaves events in the outbox until `work` is called. */
  paused?: boolean
}

/** An account with a space of its own. */
export const testActor = (n = 1): Actor => ({
  accountId: `${n}00`,
  personalSpaceId: `${n}01`,
  spaces: new Map([[`${n}01`, 'owner']]),
  connectorId: '1024',
})

/** Files and knowledge on real stores of their own, with relay and worker; `await using` ends and removes all of it. */
export async function testKnowledge(options: TestKnowledgeOptions = {}) {
  const { clock = systemClock, maxFileBytes = 1_000_000, maxAttempts = 3 } = options
  const folder = await temporaryFolder()
  const database = await testDatabase()
  const mq = await openMq('mem://', { home: folder.path })
  const blob = await openBlob('file://./blob', { home: folder.path, publicUrl: () => 'http://snug.test', clock })
  const search = await openSearch(options.searchUri ?? 'sqlite://./search.db', { home: folder.path })
  const embedding = options.embedding ?? (await openEmbedding('hash:?dims=64'))
  const parser = new DocumentParser({ workers: 1 })
  const outbox = new Outbox(database)
  const errors: unknown[] = []
  const onError = (err: unknown) => errors.push(err)
  const relay = new Relay({ outbox, mq, clock, ownsDatabase: true, pollMs: 20, onError })
  const context: Context = { database, newId: idGenerator(clock, 0), clock, nudge: () => relay.nudge() }
  const tapped = <T extends object>(name: string, front: T): T => tap(name, front, options.tap)
  const files = new Files({ context, blob: tapped('blob', blob), maxFileBytes })
  /** Knowledge as a process that just started would have it. */
  const start = (other: Partial<KnowledgeDeps> = {}) =>
    new Knowledge({
      context: { ...context, database: tapped('database', database) },
      files,
      blob: tapped('blob', blob),
      search: tapped('search', search),
      embedding: tapped('embedding', embedding),
      parser: tapped('parser', parser),
      ...other,
    })
  const knowledge = start()
  const backoff = { baseMs: 5, factor: 1, maxMs: 5 }
  const worker = new Worker({
    context,
    mq,
    outbox,
    handlers: allHandlers({ knowledge }),
    maxAttempts,
    backoff,
    onError,
  })
  await worker.declare()
  const work = async () => {
    await worker.start()
    relay.start()
  }
  if (!options.paused) await work()

  /** Resolves when every event has been dealt with. */
  const settled = async () => {
    relay.nudge()
    while ((await outbox.count()).waiting > 0) await sleep(3)
  }
  const dataset = (actor: Actor, formatType = 0) =>
    knowledge.createDataset(actor, { spaceId: actor.personalSpaceId, name: 'handbook', formatType })
  /** Adds documents and waits until they are indexed; returns them as they are then. */
  const add = async (actor: Actor, datasetId: string, ...documents: NewDocument[]) => {
    const created = await knowledge.createDocuments(actor, { datasetId, documents })
    await settled()
    const ids = created.map(({ id }) => id)
    const { rows } = await knowledge.listDocuments(actor, datasetId, { documentIds: ids }, { number: 1, size: 100 })
    return rows.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
  }
  /** Throws unless the search index of a dataset holds exactly the chunks of its documents that are done. */
  const checkIndex = async (datasetId: string) => {
    const rows = await database.db
      .selectFrom('chunk')
      .innerJoin('document', 'document.id', 'chunk.document_id')
      .where('chunk.dataset_id', '=', datasetId)
      .where('document.status', '=', DOCUMENT_STATUS.done)
      .select('chunk.id')
      .execute()
    const indexed: string[] = []
    if ((await search.indexes()).some(({ name }) => name === `dataset_${datasetId}`))
      for await (const { id } of search.scan(`dataset_${datasetId}`)) indexed.push(id)
    const wanted = rows.map(({ id }) => id).sort()
    if (JSON.stringify(wanted) !== JSON.stringify(indexed.sort()))
      throw new Error(`the database has ${wanted.length} chunks, the index ${indexed.length}, or others`)
  }
  const dispose = async () => {
    await relay.stop()
    await mq.close()
    await knowledge.close()
    await parser.close()
    await embedding.close()
    await search.close()
    await blob.close()
    await database[Symbol.asyncDispose]()
    await folder.remove()
  }
  const stores = { database, blob, search, embedding, outbox, folder: folder.path }
  const actions = { start, work, settled, dataset, add, checkIndex }
  return { ...stores, context, files, knowledge, relay, worker, errors, ...actions, [Symbol.asyncDispose]: dispose }
}

/** The same front with every call announced first. */
function tap<T extends object>(name: string, front: T, listen: Tap | undefined): T {
  if (listen === undefined) return front
  return new Proxy(front, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      if (value.constructor.name === 'AsyncGeneratorFunction') return value.bind(target)
      return async (...args: unknown[]) => {
        await listen(`${name}.${String(key)}`)
        return value.apply(target, args)
      }
    },
  })
}
