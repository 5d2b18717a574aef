import { systemClock } from '../base/clock.ts'
import { AppError } from '../base/errors.ts'
import { idGenerator } from '../base/ids.ts'
import type { Config } from '../config/config.ts'
import type { Context } from '../domain/context.ts'
import { Outbox } from '../domain/outbox.ts'
import { sweepBlobs } from '../domain/pending-blobs.ts'
import { migrate } from '../infra/db/migrate.ts'
import { openSqlParser } from '../infra/sqlparser/open.ts'
import { allHandlers } from '../worker/handlers/all.ts'
import { Relay } from '../worker/relay.ts'
import { Worker } from '../worker/worker.ts'
import { type Capabilities, type CapabilityOptions, closeCapabilities, openCapabilities } from './capabilities.ts'
import { leaseServerNumber } from './server-number.ts'
import { buildServices, type Services } from './services.ts'

/** Where the application reports what nobody waits for. */
export type Log = {
  info(text: string): void
  warn(text: string): void
  error(details: { err: unknown }, text: string): void
}

/** Everything but the HTTP server: providers, services and the worker, running. */
export type Engine = {
  capabilities: Capabilities
  services: Services
  outbox: Outbox
  /**
   * Takes no new jobs, nor new chats once `requestsDone` has resolved; lets the running ones finish for up to
   * `graceMs`, then ends them.
   */
  drain(graceMs: number, requestsDone?: Promise<void>): Promise<void>
  /** Closes every provider, after `drain`. */
  close(graceMs: number): Promise<void>
}

/** Opens the providers, brings the schema up to date, recovers what a crash left behind and starts the worker. */
export async function startEngine(config: Config, log: Log, options: CapabilityOptions): Promise<Engine> {
  const capabilities = await openCapabilities(config, options)
  const warn = (err: unknown, what: string) => log.error({ err }, what)
  try {
    checkRole(config.role, capabilities)
    const { db, kv, mq, blob } = capabilities
    await migrate(db)
    const newId = idGenerator(systemClock, await leaseServerNumber(kv))
    const outbox = new Outbox(db)
    const relay = new Relay({
      outbox,
      mq,
      clock: systemClock,
      ownsDatabase: db.features.has('exclusive'),
      onError: (err) => warn(err, 'the outbox could not be published; trying again'),
    })
    const context: Context = { database: db, newId, clock: systemClock, nudge: () => relay.nudge() }
    const sqlParser = await openSqlParser(db.dialect)
    const services = buildServices({ ...capabilities, sqlParser }, context, config, warn)
    const worker = new Worker({
      context,
      mq,
      outbox,
      handlers: allHandlers(services),
      onError: (err, { topic, attempt }) => warn(err, `${topic}: attempt ${attempt} failed`),
    })
    await worker.declare()
    await services.chats.recover()
    await repairSearch(services, log)
    await sweepBlobs({ context, blob }).catch((err) => warn(err, 'files of broken uploads could not be removed'))
    if (config.role !== 'api') await worker.start()
    relay.start()
    const drain = async (graceMs: number, requestsDone = Promise.resolve()) => {
      const work = async () => {
        await relay.stop()
        await worker.drain(graceMs)
        await relay.letGo().catch((err: unknown) => warn(err, 'claims on events could not be given back'))
      }
      await Promise.all([services.chats.drain(graceMs, requestsDone), work()])
    }
    const close = async (graceMs: number) => {
      await drain(graceMs)
      await services.parser.close()
      await sqlParser.close()
      await services.knowledge.close()
      await closeCapabilities(capabilities)
    }
    return { capabilities, services, outbox, drain, close }
  } catch (err) {
    await closeCapabilities(capabilities)
    throw err
  }
}

/** Two processes that share the work have to reach it. */
function checkRole(role: Config['role'], { db, mq }: Capabilities): void {
  if (role === 'all') return
  const alone = [
    ...(db.features.has('exclusive') ? [`DB_URI (${db.provider})`] : []),
    ...(mq.features.has('shared') ? [] : [`MQ_URI (${mq.provider})`]),
  ]
  if (alone.length > 0)
    throw new AppError(
      'invalid_argument',
      `SNUG_ROLE: the role ${role} needs other processes to reach the database and the queue, and no other reaches ${alone.join(' and ')}; use the role all, or mysql:// or postgres:// with nsq:// or nats://`,
    )
}

/** A search that lost its file answers again as soon as everything is indexed; until then it says so. */
async function repairSearch({ knowledge }: Services, log: Log): Promise<void> {
  try {
    const { datasets, documents } = await knowledge.repair()
    if (documents > 0)
      log.warn(`the search index of ${datasets} datasets is missing; ${documents} documents are being indexed again`)
  } catch (err) {
    log.error({ err }, 'the search index could not be compared with the database')
  }
}
