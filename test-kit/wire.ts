import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Wire = AsyncDisposable & {
  port: number
  /** Ends every connection and takes no more. */
  cut(): void
  /** Keeps connections but passes nothing on. */
  freeze(): void
  /** Works again. */
  mend(): void
}

/** A way to a server on this machine that can be cut off and frozen. */
export async function wireTo(targetPort: number): Promise<Wire> {
  let state: 'whole' | 'cut' | 'frozen' = 'whole'
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    if (state === 'cut') return void near.destroy()
    const far = connect(targetPort, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => void (state === 'whole' && to.write(bytes)))
      from.on('error', () => undefined)
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  const end = () => {
    for (const socket of sockets) socket.destroy()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      state = 'cut'
      end()
    },
    freeze: () => {
      state = 'frozen'
    },
    mend: () => {
      state = 'whole'
      end()
    },
    [Symbol.asyncDispose]: async () => {
      end()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
