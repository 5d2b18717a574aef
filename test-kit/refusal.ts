import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import type { TestServer } from './server.ts'
import { storedFiles, storedRows } from './stored.ts'

export type RawAnswer = { status: number; headers: Record<string, string>; body: string }

/** What may never be in a message: insides of the server. */
const INSIDES =
  /\bat [\w.<]+ \(|node:|\/src\/|\.ts:\d|SQLITE|SQL|SELECT |INSERT |constraint|undefined|\[object|Error:|stack/i

/** Throws unless it is a 4xx in the envelope of the Coze API, in words, with its log id, with nothing of the inside. */
export function assertRefusal(answer: { status: number; text: string }, what: string): { code: number; msg: string } {
  const { status, text } = answer
  const shown = `${what} is answered ${status}: ${text.slice(0, 500)}`
  assert.ok(status >= 400 && status < 500, shown)
  assert.match(text, /^\{.*\}$/s, shown)
  const body = JSON.parse(text) as { code: number; msg: string; detail: { logid: string } }
  assert.ok(Number.isInteger(body.code) && body.code >= 4000, shown)
  assert.match(body.detail.logid, /^\d{14}[0-9a-f]{16}$/, shown)
  assert.ok(body.msg.length > 4 && body.msg.length < 500, shown)
  assert.doesNotMatch(body.msg.replace(/"[^"]*"/g, ''), INSIDES, shown)
  return body
}

/** Sends bytes as they are and reads whatever comes back until the server closes or answers. */
export async function rawRequest(
  base: string,
  bytes: string | Uint8Array,
  { keepOpen = false, timeoutMs = 5_000 } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(base)
  const socket = connect(Number(port), hostname)
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no answer')))
  await once(socket, 'connect')
  let text = ''
  const isWhole = () => {
    const [head = '', ...rest] = text.split('\r\n\r\n')
    const length = /^content-length: (\d+)/im.exec(head)?.[1]
    return (
      rest.length > 0 &&
      (length === undefined ? /\r\n0\r\n/.test(text) : rest.join('\r\n\r\n').length >= Number(length))
    )
  }
  const answered = new Promise<void>((resolve, reject) => {
    socket.on('data', (part: Buffer) => {
      text += part.toString('latin1')
      if (isWhole()) resolve()
    })
    socket.on('close', resolve).on('error', (err) => (text === '' ? reject(err) : resolve()))
  })
  socket.write(bytes)
  if (!keepOpen) socket.end()
  await answered
  socket.destroy()
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.split(':')[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 2)]),
  )
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers,
    body: Buffer.from(rest.join('\r\n\r\n'), 'latin1').toString(),
  }
}

const MAX_RESIDENT_MIB = 700

/** Throws unless the server is ready, of a sane size, logged no error, and has stored nothing by halves. */
export async function assertCalm(server: TestServer): Promise<void> {
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200)
  assert.doesNotMatch(server.output(), /"level":[56]0/)
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${server.pid}/status`, 'utf8')
    const residentMib = Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
    assert.ok(residentMib < MAX_RESIDENT_MIB, `${residentMib} MiB`)
  }
  await assertWhole(server.home)
}

/** Throws unless every stored object has its row, every row its object, and no unfinished file is left. */
export async function assertWhole(home: string): Promise<void> {
  const { account = [], document = [], file = [] } = storedRows(home)
  const keys = [...[...document, ...file].map((row) => row.blob_key), ...account.map((row) => row.avatar_key)]
  const wanted = keys.filter((key) => key !== null && key !== undefined)
  // a folder of the store is written with a plus at its end
  const stored = (await storedFiles(home)).map((path) => path.replaceAll('+/', '/'))
  const own = ['.owner.lock', '.owner.pid', '.secret']
  assert.deepEqual(stored.filter((path) => !own.includes(path)).sort(), wanted.sort())
}
