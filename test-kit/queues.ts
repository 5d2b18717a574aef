import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'

type Topic = { at: string; topic_name: string; depth: number; channels: { channel_name: string; depth: number }[] }

/** What every nsqd tells about its topics. */
export async function topicsOf(lookupd: string): Promise<Topic[]> {
  const { producers } = (await (await fetch(`${lookupd}/nodes`)).json()) as {
    producers: { http_port: number; broadcast_address: string }[]
  }
  const all = producers.map(async ({ http_port: port, broadcast_address: host }) => {
    const at = `http://${host}:${port}`
    const { topics } = (await (await fetch(`${at}/stats?format=json`)).json()) as { topics: Topic[] }
    return topics.map((topic) => ({ ...topic, at }))
  })
  return (await Promise.all(all)).flat()
}

/** Removes every topic of a prefix. */
export async function removeTopics(text: string, prefix: string): Promise<void> {
  const lookupd = new URL(text).searchParams.get('lookupd') ?? ''
  for (const { at, topic_name: name } of await topicsOf(lookupd))
    if (name.startsWith(`${prefix}.`))
      for (const place of [at, lookupd]) await fetch(`${place}/topic/delete?topic=${name}`, { method: 'POST' })
}

/** Removes every stream of a prefix. */
export async function removeStreams(text: string, prefix: string): Promise<void> {
  const nc = await connect({ servers: new URL(text).host })
  const { streams } = await jetstreamManager(nc)
  for await (const { config } of streams.list())
    if (/^[=+]/.test(config.name.slice(prefix.length)) && config.name.startsWith(prefix))
      await streams.delete(config.name)
  await nc.close()
}
