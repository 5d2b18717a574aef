import { AppError, messageOf } from '../../../base/errors.ts'
import type { Uri } from '../../../base/uri.ts'
import type { MqDriver } from '../driver.ts'
import { type Memory, newMemory } from './broker/hand.ts'
import { metaOf } from './broker/meta.ts'
import { Cluster, type TopicCounts } from './nsq/cluster.ts'
import { NsqDeadLetters } from './nsq/dead-letters.ts'
import { seal } from './nsq/envelope.ts'
import { codeOfNsq } from './nsq/error.ts'
import { LETTERS, namesOf } from './nsq/names.ts'
import { nsqSettings } from './nsq/params.ts'
import { Producer } from './nsq/producer.ts'
import { MAX_DEFER_MS, NsqSubscription } from './nsq/subscription.ts'

/** More unfinished messages than this are worth a look. */
const MANY = 1_000

/**
 * `nsq://host[:port],…?lookupd=http://host:4161,…`. NSQ: a topic for each of ours, a channel for each group, and a topic
 * for each group's dead letters. It speaks nsqd's protocol itself: the library for it does not reconnect its writer,
 * cannot change how many messages it takes while it runs, and leaves what it has in hand to time out when it closes.
 */
export async function open(uri: Uri): Promise<MqDriver> {
  const settings = nsqSettings(uri)
  const names = namesOf(settings.prefix)
  const cluster = new Cluster(settings)
  const producer = new Producer(cluster, settings)
  const dead = new NsqDeadLetters(cluster, producer, names, settings)
  const memories = new Map<string, Memory>()
  const declared = new Map<string, Set<string>>()
  await producer.connect().catch((err: unknown) => {
    const isAway = codeOfNsq(err) === 'unavailable'
    const way = isAway ? '; start it, or correct MQ_URI' : ''
    throw new AppError(codeOfNsq(err), `nsq: ${messageOf(err)}${way}`, { cause: err })
  })

  const memoryOf = (topic: string, group: string): Memory => {
    const id = `${topic}/${group}`
    const memory = memories.get(id) ?? newMemory()
    memories.set(id, memory)
    return memory
  }
  const groups = () => [...declared].flatMap(([topic, all]) => [...all].map((group) => ({ topic, group })))
  const countsOf = async (topic: string): Promise<TopicCounts[]> => {
    const nodes = await cluster.having(topic)
    return (await Promise.all(nodes.map((node) => cluster.stats(node, topic)))).flat()
  }

  return {
    provider: 'nsq',
    features: new Set([...(settings.durable === '1' ? ['durable'] : []), 'shared', 'delay', 'counts.losses']),
    concurrency: settings.concurrency,
    declare: async (topic, some) => {
      const all = new Set([...(declared.get(topic) ?? []), ...some])
      const graves = [...all].map((group) => ({ topic: names.dead(topic, group), channels: [LETTERS] }))
      await producer.declare([{ topic: names.topic(topic), channels: [...all] }, ...graves])
      declared.set(topic, all)
    },
    publish: (topic, messages) => {
      const sealed = messages.map((message) => ({
        bytes: seal(metaOf(message), message.body),
        delayMs: Math.min(message.delayMs, MAX_DEFER_MS),
      }))
      return producer.publish(names.topic(topic), sealed)
    },
    subscribe: async (topic, group, deliver) => {
      const subscription = new NsqSubscription({
        ...{ cluster, settings, deliver },
        topic: names.topic(topic),
        channel: group,
        memory: memoryOf(topic, group),
        bury: ({ meta, body, attempt: attempts }, reason) => dead.add({ topic, group, attempts, reason, meta, body }),
      })
      try {
        await subscription.look()
      } catch (err) {
        await subscription.close()
        throw err
      }
      return subscription
    },
    deadLetters: async function* (topic, group) {
      yield* await dead.list(topic, group)
    },
    requeueDead: async (ids) => {
      let count = 0
      for (const { topic, group } of groups()) {
        const own = ids.filter((id) => id.startsWith(`${topic}/${group}/`))
        if (own.length > 0) count += await dead.requeue(topic, group, new Set(own))
      }
      return count
    },
    lag: async (topic, group) => lagIn(await countsOf(names.topic(topic)), group),
    health: async () => {
      await producer.connect()
      const nodes = await cluster.ours()
      const told = await Promise.allSettled(nodes.map((node) => cluster.stats(node)))
      const [refused] = told
      if (told.every(({ status }) => status === 'rejected') && refused?.status === 'rejected') throw refused.reason
      const topics = told.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
      const sum = (name: string, channel: string) =>
        lagIn(
          topics.filter(({ topic_name }) => topic_name === name),
          channel,
        )
      const lag = groups().reduce((all, { topic, group }) => all + sum(names.topic(topic), group), 0)
      const deadCount = groups().reduce((all, { topic, group }) => all + sum(names.dead(topic, group), LETTERS), 0)
      const nodesUp = told.filter(({ status }) => status === 'fulfilled').length
      const lookupsUp = await cluster.lookupsUp()
      const isWhole = nodesUp === nodes.length && lookupsUp === settings.lookupd.length
      const first = nodes.find((_node, i) => told[i]?.status === 'fulfilled')
      const memory = first === undefined ? undefined : await cluster.memoryQueue(first).catch(() => undefined)
      return {
        status: isWhole && lag <= MANY && deadCount === 0 ? 'up' : 'degraded',
        engine: `nsqd ${producer.identity?.version ?? ''}`.trim(),
        checks: {
          ...{
            lag,
            dead: deadCount,
            nsqd: `${nodesUp}/${nodes.length}`,
            lookupd: `${lookupsUp}/${settings.lookupd.length}`,
          },
          ...(memory === undefined ? {} : { memory_queue: memory }),
          max_handler_ms: producer.identity?.max_msg_timeout ?? 0,
        },
      }
    },
    codeOf: codeOfNsq,
    close: async () => producer.close(),
  }
}

/** What a channel has not finished: waiting in the topic or the channel, deferred, in somebody's hand. */
function lagIn(topics: readonly TopicCounts[], channel: string): number {
  return topics.reduce((sum, { depth, channels }) => {
    const own = channels?.find(({ channel_name }) => channel_name === channel)
    return sum + depth + (own === undefined ? 0 : own.depth + own.in_flight_count + own.deferred_count)
  }, 0)
}
