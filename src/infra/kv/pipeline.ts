import { AppError, codeOf, messageOf } from '../../base/errors.ts'
import type { Observer } from '../../base/observe.ts'
import type { KvDriver } from './driver.ts'
import { type Request, requests } from './requests.ts'

/** What became of one command of a pipeline. A missing value is `null`, not an error. */
export type CommandResult = { ok: true; value: unknown } | { ok: false; error: AppError }

export type ExecOptions = {
  /** Reject with the first error (the default), or resolve with every result. */
  throwOnError?: boolean
  /** Aborted before: nothing is sent. */
  signal?: AbortSignal
}

type Commands = typeof requests

/** Collects commands and sends them together. Every command of `Kv` is there, returning the pipeline itself. */
export type KvPipeline = { [Name in keyof Commands]: (...args: Parameters<Commands[Name]>) => KvPipeline } & {
  /**
   * Sends what was collected, in order, and answers with one result per command, in the same order. It isn't a
   * transaction: a command that fails, even by its arguments, doesn't stop those behind it, and others may come
   * in between. By default the first error is thrown once all have run, with its position in `details.index`.
   * Afterwards the pipeline is empty and can be used again.
   */
  exec(options?: ExecOptions): Promise<CommandResult[]>
}

type Collected = { name: string; request: Request<unknown> } | { name: string; error: AppError }

export function createPipeline(driver: KvDriver, observer: Observer): KvPipeline {
  let collected: Collected[] = []
  const exec = (options: ExecOptions = {}): Promise<CommandResult[]> => {
    const taken = collected
    collected = []
    return observer.run('pipeline', () => send(taken, driver, observer, options.throwOnError ?? true), options.signal)
  }
  const pipeline: Record<string, unknown> = { exec }
  for (const [name, build] of Object.entries(requests))
    pipeline[name] = (...args: unknown[]) => {
      collected.push(collect(name, () => (build as (...args: unknown[]) => Request<unknown>)(...args)))
      return pipeline
    }
  return pipeline as KvPipeline
}

function collect(name: string, build: () => Request<unknown>): Collected {
  try {
    return { name, request: build() }
  } catch (err) {
    return { name, error: new AppError(codeOf(err), messageOf(err), { cause: err }) }
  }
}

async function send(
  taken: readonly Collected[],
  driver: KvDriver,
  observer: Observer,
  throwOnError: boolean,
): Promise<CommandResult[]> {
  const commands = taken.flatMap((item) => ('request' in item ? [item.request.command] : []))
  const outcomes = (commands.length === 0 ? [] : await driver.run(commands)).values()
  const results = taken.map((item): CommandResult => {
    if ('error' in item) return { ok: false, error: item.error }
    const outcome = outcomes.next().value
    try {
      if (outcome?.ok === true) return { ok: true, value: item.request.read(outcome.value as never) }
      return { ok: false, error: observer.wrap(item.name, outcome?.error) }
    } catch (err) {
      return { ok: false, error: observer.wrap(item.name, err) }
    }
  })
  const index = results.findIndex(({ ok }) => !ok)
  const failed = results[index]
  if (!throwOnError || failed === undefined || failed.ok) return results
  const text = `command ${index + 1} of the pipeline failed: ${failed.error.message}`
  throw new AppError(failed.error.code, text, { cause: failed.error, details: { index } })
}
