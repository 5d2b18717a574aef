import type { EventEmitter } from 'node:events'
import { AppError, messageOf } from '../base/errors.ts'
import type { Command, CommandIo } from './command.ts'
import { readVersion } from './version.ts'

/** Every command. Dynamic imports: `snug --help` loads none of the server. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serve,
  ask: async () => (await import('./ask.ts')).ask,
  token: async () => (await import('./token.ts')).token,
  migrate: async () => (await import('./migrate.ts')).migrate,
  reindex: async () => (await import('./reindex.ts')).reindex,
}

type ProcessLike = Omit<CommandIo, 'cwd' | 'signal'> & Pick<EventEmitter, 'on'> & { cwd(): string }

/** Runs one command line and resolves to its exit code: 0 done, 1 failed, 2 the words are off. */
export async function main(args: readonly string[], process: ProcessLike): Promise<number> {
  const { stdout, stderr, stdin, env } = process
  const [first = 'help', ...rest] = args
  if (first === '--version' || first === 'version') return print(stdout, readVersion())
  if (first === '--help' || first === '-h' || first === 'help') return print(stdout, await usage())
  // `snug --lite` is what people type first: flags without a command start the server
  const [name, words] = first.startsWith('-') ? ['serve', [...args]] : [first, rest]
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (load === undefined) {
    stderr.write(`snug: there is no command "${name}"; see "snug --help"\n`)
    return 2
  }
  const command = await load()
  if (words.includes('--help') || words.includes('-h')) return print(stdout, command.help.trim())
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort(signal))
  try {
    return await command.run(words, { stdin, stdout, stderr, env, cwd: process.cwd(), signal: stop.signal })
  } catch (err) {
    return explain(err, name, process)
  }
}

function explain(err: unknown, name: string, { stderr, env }: ProcessLike): number {
  stderr.write(`snug ${name}: ${messageOf(err)}\n`)
  const expected = err instanceof AppError && err.code !== 'internal' && err.code !== 'unknown'
  if (isUsageError(err)) {
    stderr.write(`see "snug ${name} --help"\n`)
    return 2
  }
  if (env.LOG_LEVEL === 'debug' || !expected) stderr.write(`${err instanceof Error ? err.stack : ''}\n`)
  return 1
}

const isUsageError = (err: unknown): boolean =>
  err instanceof Error && 'code' in err && String(err.code).startsWith('ERR_PARSE_ARGS')

function print(stdout: CommandIo['stdout'], text: string): number {
  stdout.write(`${text}\n`)
  return 0
}

async function usage(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()))
  const lines = commands.map((command) => `  ${command.name.padEnd(9)} ${command.summary}`)
  return [
    'snug: an AI-agent server that speaks the Coze open API',
    '',
    'Usage: snug COMMAND [options]',
    '       snug --lite              the server with nothing beside it',
    '',
    'Commands:',
    ...lines,
    '',
    '  snug COMMAND --help      what a command takes',
    '  snug --version           the version',
  ].join('\n')
}
