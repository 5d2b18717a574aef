import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type RoundRobin = AsyncDisposable & {
  /** Where it listens. */
  url: string
  /** The servers that get the next requests, in turn, while they say that they are ready. */
  setTargets(urls: readonly string[]): void
  /** How many requests each target has answered. */
  answered: ReadonlyMap<string, number>
}

const CHECK_EVERY_MS = 250

/**
 * A proxy such as companies put before several servers: each request goes to the next one, over a connection of its
 * own. A server that is not ready or takes no connection is passed over; what one has taken is never sent to another.
 */
export async function roundRobin(urls: readonly string[] = []): Promise<RoundRobin> {
  let targets = [...urls]
  let ready = [...urls]
  const look = async () => {
    const asked = targets
    const answers = await Promise.all(
      asked.map((url) =>
        fetch(`${url}/readyz`)
          .then(({ ok }) => ok)
          .catch(() => false),
      ),
    )
    if (asked === targets) ready = asked.filter((_, i) => answers[i])
  }
  const looking = setInterval(() => void look(), CHECK_EVERY_MS)
  let turn = 0
  const answered = new Map<string, number>()
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming).catch(() => undefined)
    if (body === undefined) return
    const start = turn++
    const some = ready.length > 0 ? ready : targets
    for (let i = 0; i < some.length; i++) {
      const target = some[(start + i) % some.length] ?? ''
      if (await forward(target, incoming, body, outgoing)) {
        answered.set(target, (answered.get(target) ?? 0) + 1)
        return
      }
    }
    outgoing.writeHead(502).end('no server takes connections')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setTargets: (next) => {
      targets = [...next]
      ready = ready.filter((url) => targets.includes(url))
      void look()
    },
    answered,
    [Symbol.asyncDispose]: async () => {
      clearInterval(looking)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** False when the target took no connection. */
function forward(target: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const { method, url = '/' } = incoming
  const headers = { ...incoming.headers, 'content-length': String(body.length), connection: 'close' }
  delete (headers as Record<string, unknown>)['transfer-encoding']
  const onward = request(new URL(url, target), { method, headers, agent: false }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
    answer.once('error', () => outgoing.destroy())
    answer.once('aborted', () => outgoing.destroy())
    resolve(true)
  })
  outgoing.once('close', () => onward.destroy())
  onward.once('error', (err: NodeJS.ErrnoException) => {
    if (err.code === 'ECONNREFUSED') return resolve(false)
    if (!outgoing.headersSent) outgoing.writeHead(502).end(`the server broke off: ${err.code}`)
    else outgoing.destroy()
    resolve(true)
  })
  onward.end(body)
  return promise
}
