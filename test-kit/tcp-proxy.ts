import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a server that a test may close, or let hang, without hurting the server. */
export type TcpProxy = AsyncDisposable & {
  port: number
  /** Closes the port and every connection. */
  cut(): Promise<void>
  /** Opens the same port again. */
  mend(): Promise<void>
  /** Connections stay and new ones are taken, but nothing goes through until `resume`. */
  freeze(): void
  resume(): void
}

/** Starts a proxy on a free loopback port before a server of this machine. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let server: Server | undefined
  let frozen = false
  let port = 0
  const onConnection = (from: Socket): void => {
    const to = connect(target, '127.0.0.1')
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one)
      one.on('data', (data) => void other.write(data))
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      if (frozen) one.pause()
    }
  }
  const mend = async () => {
    server = createServer(onConnection)
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  const cut = async () => {
    const closing = server
    if (closing === undefined) return
    server = undefined
    const closed = once(closing, 'close')
    closing.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await mend()
  return {
    get port() {
      return port
    },
    cut,
    mend,
    freeze: () => {
      frozen = true
      for (const socket of sockets) socket.pause()
    },
    resume: () => {
      frozen = false
      for (const socket of sockets) socket.resume()
    },
    [Symbol.asyncDispose]: cut,
  }
}
