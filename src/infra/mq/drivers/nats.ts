import { AppError } from '../../../base/errors.ts'
import type { Uri } from '../../../base/uri.ts'
import type { MqDriver, Outgoing } from '../driver.ts'
import { type Memory, newMemory } from './broker/hand.ts'
import { metaOf } from './broker/meta.ts'
import { NatsDeadLetters } from './nats/dead-letters.ts'
import { codeOfNats, isNobodyThere, NatsLink } from './nats/link.ts'
import { natsHeaders } from './nats/message.ts'
import { namesOf } from './nats/names.ts'
import { natsSettings } from './nats/params.ts'
import { PullSubscription } from './nats/pull.ts'
import { checkStored } from './nats/store.ts'
import { Topology } from './nats/topology.ts'

/** Messages on their way to the server at once; it stores those of one connection in their order. */
const AT_ONCE = 256
/** More unfinished messages than this are worth a look. */
const MANY = 1_000

/**
 * `nats://[user[:password]@]host[:port],…`. NATS with JetStream: a stream in files for each topic, a durable pull consumer
 * for each group, a stream for all dead letters.
 */
export async function open(uri: Uri): Promise<MqDriver> {
  const settings = natsSettings(uri)
  const link = await NatsLink.open(settings)
  const names = namesOf(settings.prefix)
  const topology = new Topology(link, names, settings)
  const dead = new NatsDeadLetters(link, names)
  const memories = new Map<string, Memory>()

  const memoryOf = (topic: string, group: string): Memory => {
    const id = `${topic}/${group}`
    const memory = memories.get(id) ?? newMemory()
    memories.set(id, memory)
    return memory
  }
  const store = async (topic: string, messages: readonly Outgoing[]) => {
    const subject = names.subject(topic)
    const stored = messages.map(async (message) =>
      checkStored(await link.request(subject, message.body, natsHeaders(metaOf(message)))),
    )
    // All have ended before the first error is told: nothing is on its way any more.
    for (const one of await Promise.allSettled(stored)) if (one.status === 'rejected') throw one.reason
  }
  const lagOf = async (topic: string, group: string) => {
    const info = await link.jsm.consumers.info(names.stream(topic), names.consumer(group))
    return info.num_pending + info.num_ack_pending
  }

  return {
    provider: 'nats',
    features: new Set(['durable', 'shared', 'delay', 'counts.losses']),
    concurrency: settings.concurrency,
    declare: async (topic, groups, signal) => {
      await link.ready(signal)
      await topology.declare(topic, groups)
    },
    publish: async (topic, messages, signal) => {
      await link.ready(signal)
      for (let start = 0; start < messages.length; start += AT_ONCE) {
        const some = messages.slice(start, start + AT_ONCE)
        try {
          await store(topic, some)
        } catch (err) {
          if (!isNobodyThere(err)) throw err
          await topology.restore(topic)
          await store(topic, some)
        }
      }
    },
    subscribe: async (topic, group, deliver) => {
      await link.ready()
      await topology.restore(topic)
      return new PullSubscription({
        ...{ link, group, deliver },
        stream: names.stream(topic),
        consumer: names.consumer(group),
        ackWaitMs: settings.ack_wait,
        memory: memoryOf(topic, group),
        bury: ({ attempt: attempts, meta, body, name }, reason) =>
          dead.add({ topic, group, attempts, meta, body, name, reason }),
        restore: () => topology.restore(topic),
      })
    },
    deadLetters: async function* (topic, group) {
      await link.ready()
      yield* dead.list(topic, group)
    },
    requeueDead: async (ids) => {
      await link.ready()
      return dead.requeue(ids)
    },
    lag: async (topic, group) => {
      await link.ready()
      return lagOf(topic, group)
    },
    health: async () => {
      if (!link.isUp) throw new AppError('unavailable', 'nats: there is no connection to a server')
      await link.checkJetStream()
      const lags = await Promise.all(topology.groups.map(({ topic, group }) => lagOf(topic, group)))
      const lag = lags.reduce((sum, one) => sum + one, 0)
      const deadCount = topology.groups.length === 0 ? 0 : await dead.count()
      const server = link.nc.info
      return {
        status: lag > MANY || deadCount > 0 ? 'degraded' : 'up',
        engine: `nats-server ${server?.version ?? ''}`.trim(),
        checks: { lag, dead: deadCount, replicas: settings.replicas, acknowledged: 'written, synced later' },
      }
    },
    codeOf: codeOfNats,
    close: () => link.close(),
  }
}
