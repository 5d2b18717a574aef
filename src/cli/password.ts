import type { Readable } from 'node:stream'
import { AppError } from '../base/errors.ts'
import type { CommandIo } from './command.ts'

type Terminal = Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown }

const MAX_STDIN_BYTES = 10_000

/** The first line of standard input, without its end. */
export async function passwordFromStdin(io: CommandIo): Promise<string> {
  let input = Buffer.alloc(0)
  for await (const chunk of io.stdin) {
    input = Buffer.concat([input, Buffer.from(chunk)])
    if (input.includes('\n') || input.byteLength > MAX_STDIN_BYTES) break
  }
  const line = input.toString().split(/\r?\n/, 1)[0] ?? ''
  if (line === '') throw new AppError('invalid_argument', 'standard input has no password in its first line')
  return line
}

/** Asks on the terminal, without showing what is typed. Throws `canceled` on Ctrl-C or at the end of input. */
export async function askPassword(io: CommandIo, question: string): Promise<string> {
  const terminal: Terminal = io.stdin
  io.stderr.write(question)
  terminal.setRawMode?.(true)
  terminal.resume()
  try {
    return await readLine(terminal, io.signal)
  } finally {
    terminal.setRawMode?.(false)
    terminal.pause()
    io.stderr.write('\n')
  }
}

function readLine(terminal: Terminal, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const decoder = new TextDecoder()
  let typed: string[] = []
  const cancel = () => reject(new AppError('canceled', 'canceled'))
  const onData = (bytes: Buffer | string) => {
    for (const char of typeof bytes === 'string' ? bytes : decoder.decode(bytes, { stream: true })) {
      if (char === '\r' || char === '\n') return resolve(typed.join(''))
      if (char === '\u0003' || char === '\u0004') return cancel()
      if (char === '\u007f' || char === '\b') typed.pop()
      else if (char === '\u0015') typed = []
      else if (char >= ' ') typed.push(char)
    }
  }
  terminal.on('data', onData)
  terminal.on('end', cancel)
  signal.addEventListener('abort', cancel, { once: true })
  return promise.finally(() => {
    terminal.off('data', onData)
    terminal.off('end', cancel)
    signal.removeEventListener('abort', cancel)
  })
}
