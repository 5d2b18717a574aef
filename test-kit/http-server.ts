import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as a test server saw it. `closedEarly` turns true when the client hung up before the end. */
export type SeenRequest = {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: unknown
  closedEarly: boolean
}

export type TestServer = {
  /** "127.0.0.1:port". */
  host: string
  requests: SeenRequest[]
  close(): Promise<void>
}

/** A real HTTP server on a free port of this machine. `answer` gets the request with its JSON body already read. */
export async function startHttpServer(
  answer: (request: SeenRequest, response: ServerResponse) => unknown,
): Promise<TestServer> {
  const requests: SeenRequest[] = []
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    const { method = '', url: path = '', headers } = req
    const seen: SeenRequest = { method, path, headers, body: undefined, closedEarly: false }
    requests.push(seen)
    res.on('close', () => {
      seen.closedEarly = !res.writableFinished
    })
    try {
      for await (const chunk of req) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      seen.body = text === '' ? undefined : JSON.parse(text)
      await answer(seen, res)
    } catch {
      res.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Answers with JSON. */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers })
  res.end(typeof body === 'string' ? body : JSON.stringify(body))
}
