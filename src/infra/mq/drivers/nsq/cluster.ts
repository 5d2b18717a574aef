import { NsqError } from './error.ts'
import type { Address, NsqSettings } from './params.ts'

/** One nsqd: its name among all, where its protocol is spoken and where its HTTP API is. */
export type Node = Address & { readonly id: string; readonly httpPort: number }

type Producer = { broadcast_address: string; hostname: string; tcp_port: number; http_port: number }
export type ChannelCounts = { channel_name: string; depth: number; in_flight_count: number; deferred_count: number }
export type TopicCounts = { topic_name: string; depth: number; channels: ChannelCounts[] | null }

const KNOWN_FOR_MS = 5_000

/** Which nsqds there are, by the URI and by nsqlookupd, and what they tell over HTTP. */
export class Cluster {
  readonly #settings: NsqSettings
  /** By topic; the empty one is for all. */
  readonly #producers = new Map<string, { atMs: number; list: Producer[] }>()

  constructor(settings: NsqSettings) {
    this.#settings = settings
  }

  /** The nsqds of the URI, in its order: those that messages are sent to. */
  async ours(): Promise<Node[]> {
    const all = await this.#lookUp('')
    return this.#settings.hosts.map(({ host, port }) => {
      const samePort = all.filter((one) => one.tcp_port === port)
      const named = samePort.find((one) => one.broadcast_address === host || one.hostname === host)
      // Under another name, as behind a proxy or a container's: only where it can be no other.
      const isAlone = samePort.length === 1 && this.#settings.hosts.filter((one) => one.port === port).length === 1
      const found = named ?? (isAlone ? samePort[0] : undefined)
      if (found === undefined) return { id: `${host}:${port}`, host, port, httpPort: port + 1 }
      return { id: idOf(found), host, port, httpPort: found.http_port }
    })
  }

  /** Every nsqd that may hold messages of a topic: ours, and what nsqlookupd knows. */
  async having(topic: string): Promise<Node[]> {
    const nodes = new Map((await this.ours()).map((node) => [node.id, node]))
    for (const one of await this.#lookUp(topic)) {
      const { broadcast_address: host, tcp_port: port, http_port: httpPort } = one
      if (!nodes.has(idOf(one))) nodes.set(idOf(one), { id: idOf(one), host, port, httpPort })
    }
    return [...nodes.values()]
  }

  /** Makes a topic and its channels on one nsqd, or lets them be. */
  async create(node: Node, topic: string, channels: readonly string[]): Promise<void> {
    await this.#http(node, `/topic/create?topic=${topic}`, 'POST')
    for (const channel of channels) await this.#http(node, `/channel/create?topic=${topic}&channel=${channel}`, 'POST')
  }

  /** The counts of one topic, or of all. */
  async stats(node: Node, topic?: string): Promise<TopicCounts[]> {
    const only = topic === undefined ? '' : `&topic=${topic}`
    const answer = await this.#http(node, `/stats?format=json&include_clients=false&include_mem=false${only}`)
    return ((await answer.json()) as { topics: TopicCounts[] }).topics
  }

  async version(node: Node): Promise<string> {
    return ((await (await this.#http(node, '/info')).json()) as { version: string }).version
  }

  /** How many messages of each queue nsqd keeps in memory alone. */
  async memoryQueue(node: Node): Promise<number> {
    return (await (await this.#http(node, '/config/mem_queue_size')).json()) as number
  }

  /** How many of the nsqlookupds answer. */
  async lookupsUp(): Promise<number> {
    const pings = this.#settings.lookupd.map((url) => this.#fetch(`${url}/ping`))
    return (await Promise.allSettled(pings)).filter(({ status }) => status === 'fulfilled').length
  }

  /** What is known is believed for a while, and for longer when no nsqlookupd answers. */
  async #lookUp(topic: string): Promise<Producer[]> {
    const known = this.#producers.get(topic)
    if (known !== undefined && performance.now() - known.atMs < KNOWN_FOR_MS) return known.list
    const path = topic === '' ? '/nodes' : `/lookup?topic=${topic}`
    const answers = await Promise.allSettled(
      this.#settings.lookupd.map(async (url) => {
        const answer = await this.#fetch(`${url}${path}`)
        return ((await answer.json()) as { producers?: Producer[] }).producers ?? []
      }),
    )
    const told = answers.filter((one) => one.status === 'fulfilled').flatMap(({ value }) => value)
    const list = told.length > 0 ? told : (known?.list ?? [])
    // An empty answer is not believed: nsqd may be about to tell nsqlookupd.
    if (list.length > 0) this.#producers.set(topic, { atMs: performance.now(), list })
    return list
  }

  #http({ host, httpPort }: Node, path: string, method = 'GET'): Promise<Response> {
    const name = host.includes(':') ? `[${host}]` : host
    return this.#fetch(`http://${name}:${httpPort}${path}`, method)
  }

  async #fetch(url: string, method = 'GET'): Promise<Response> {
    let answer: Response
    try {
      answer = await fetch(url, { method, signal: AbortSignal.timeout(this.#settings.timeout) })
    } catch (cause) {
      throw new NsqError('unavailable', `nothing answers at ${new URL(url).host}`, { cause })
    }
    if (answer.ok) return answer
    await answer.body?.cancel()
    throw new NsqError('unavailable', `${new URL(url).host} answers ${answer.status} to ${new URL(url).pathname}`)
  }
}

const idOf = (producer: Producer): string => `${producer.broadcast_address}:${producer.tcp_port}`
