import type { Readable, Writable } from 'node:stream'

/** What a command may touch of the process; tests hand in their own. */
export type CommandIo = {
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable & { isTTY?: boolean; columns?: number }
  stderr: Writable & { isTTY?: boolean; columns?: number }
  env: Readonly<Record<string, string | undefined>>
  /** Where relative paths on the command line start. */
  cwd: string
  /** Aborted by the first SIGINT or SIGTERM. */
  signal: AbortSignal
}

/** One command of `snug`. */
export type Command = {
  name: string
  /** One line for the list of commands. */
  summary: string
  /** The whole text of `snug NAME --help`. */
  help: string
  /** Resolves to the exit code. Throws `AppError` for mistakes that the caller prints in one line. */
  run(args: string[], io: CommandIo): Promise<number>
}
