import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { askOnce, type Cited, indexSources, makeOwner, type Progress, readSources } from '../app/ask.ts'
import { type Engine, startEngine } from '../app/engine.ts'
import { AppError, messageOf } from '../base/errors.ts'
import { loadConfig } from '../config/config.ts'
import { SETTINGS } from '../config/settings.ts'
import type { Command, CommandIo } from './command.ts'

/** Of the environment only what answers counts here; where the data lies is this command's own affair. */
const KEPT = [SETTINGS.model, SETTINGS.modelApiKey, SETTINGS.embedding, SETTINGS.embeddingApiKey].map(({ env }) => env)

/** `snug ask`: an answer from files, without a server and without leaving anything behind. */
export const ask: Command = {
  name: 'ask',
  summary: 'answer a question about files, without a server',
  help: `
Usage: snug ask FILE… "question" [--keep DIR]

Reads the files (txt, md, html, pdf, docx, csv, xlsx, json), answers the question from them and names the sources.
Everything happens in a temporary folder that is removed at the end.

  --keep DIR    keep the data in DIR, which must be new or empty, to go on with "COZE_HOME=DIR snug serve --lite"

Without a model the best passages are quoted. For a written answer set MODEL_URI (and MODEL_API_KEY), as in
  MODEL_URI='openai://localhost:11434/v1?model=llama3.2' snug ask handbook.pdf "How many days of leave are there?"`,
  run: async (args, io) => {
    const { values, positionals } = parseArgs({ args, options: { keep: { type: 'string' } }, allowPositionals: true })
    const question = positionals.at(-1) ?? ''
    const paths = positionals.slice(0, -1).map((path) => resolve(io.cwd, path))
    if (paths.length === 0 || question.trim() === '') {
      io.stderr.write('snug ask: name at least one file, and the question last; see "snug ask --help"\n')
      return 2
    }
    const folder = await makeFolder(values.keep, io.cwd)
    try {
      return await answer(folder, paths, question, values.keep !== undefined, io)
    } finally {
      if (values.keep === undefined) await rm(folder, { recursive: true, force: true })
    }
  },
}

async function makeFolder(keep: string | undefined, cwd: string): Promise<string> {
  if (keep === undefined) return mkdtemp(join(tmpdir(), 'snug-ask-'))
  const folder = resolve(cwd, keep)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readdir(folder)).length > 0)
    throw new AppError('invalid_argument', `--keep: ${keep} is not empty; name a new folder`)
  return folder
}

async function answer(home: string, paths: string[], question: string, keep: boolean, io: CommandIo): Promise<number> {
  const env = Object.fromEntries(KEPT.map((name) => [name, io.env[name]]))
  const { config } = loadConfig({ env: { ...env, COZE_LITE: '1', COZE_HOME: home }, cwd: io.cwd })
  const sources = await readSources(paths, config.maxRequestBodyBytes)
  const say = (text: string) => io.stderr.write(`${text}\n`)
  const log = {
    info: () => undefined,
    warn: say,
    error: ({ err }: { err: unknown }, text: string) => say(`${text}: ${messageOf(err)}`),
  }
  const engine = await startEngine(config, log, { publicUrl: () => 'http://localhost', warn: say })
  try {
    const owner = await makeOwner(engine.services)
    const code = await indexAndAsk(engine, owner.actor, sources, question, io)
    if (keep)
      say(
        `\nKept. Go on with: COZE_HOME=${home} snug serve --lite\nAccount: ${owner.email}, password: ${owner.password}`,
      )
    return code
  } finally {
    await engine.close(0)
  }
}

async function indexAndAsk(
  { services }: Engine,
  actor: Parameters<typeof indexSources>[1],
  sources: Parameters<typeof indexSources>[2],
  question: string,
  { stdout, stderr, signal }: CommandIo,
): Promise<number> {
  const bar = progressLine(stderr)
  const { datasetId, failed } = await indexSources(services, actor, sources, bar.show, signal)
  bar.end()
  for (const document of failed) stderr.write(`left out: ${document.name}: ${document.status_reason}\n`)
  if (failed.length === sources.length) {
    stderr.write('none of the files could be read\n')
    return 1
  }
  const { cited } = await askOnce(services, actor, datasetId, question, (text) => stdout.write(text), signal)
  stdout.write('\n')
  if (signal.aborted) return 130
  stderr.write(formatSources(cited))
  return 0
}

/** One line that is written over on a terminal, and only its last state elsewhere. */
function progressLine(stderr: CommandIo['stderr']) {
  let last = ''
  const text = ({ done, total, percent }: Progress) =>
    `Reading ${total === 1 ? 'the file' : `${total} files (${done} done)`}: ${percent} %`
  return {
    show: (progress: Progress) => {
      if (text(progress) === last) return
      last = text(progress)
      if (stderr.isTTY) stderr.write(`\r${last}\u001b[K`)
    },
    end: () => stderr.write(stderr.isTTY ? '\r\u001b[K' : `${last}\n`),
  }
}

/** What the answer stands on, best first: document and score. */
function formatSources(cited: readonly Cited[]): string {
  if (cited.length === 0) return '\nNothing in the files matches the question.\n'
  const lines = cited.map(
    ({ document, score, excerpt }, i) => `  [${i + 1}] ${document}  ${score.toFixed(2)}  ${shorten(excerpt)}`,
  )
  return `\nSearched:\n${lines.join('\n')}\n`
}

const shorten = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`
}
