import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../../base/clock.ts'

const SWEEP_MS = 30_000

/**
 * Removes objects when their time has come. A note per object, named by the time and holding the key, is written
 * before the object; so a crash can leave a note too many, never an object without one. `expire` checks whether the
 * object is really due: it may have been replaced.
 */
export class Lifetimes {
  readonly #folder: string
  readonly #clock: Clock
  readonly #expire: (key: string) => Promise<void>
  readonly #timer: NodeJS.Timeout
  #sweeping: Promise<void> | undefined

  constructor(folder: string, clock: Clock, expire: (key: string) => Promise<void>) {
    this.#folder = folder
    this.#clock = clock
    this.#expire = expire
    this.#timer = setInterval(() => void this.sweep().catch(() => undefined), SWEEP_MS).unref()
  }

  async note(key: string, deleteAtMs: number): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFile(join(this.#folder, `${deleteAtMs}-${randomUUID()}`), key, { mode: 0o600 })
  }

  /** Removes what is due. Never runs twice at once. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined
    })
    return this.#sweeping
  }

  async #sweep(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => [])
    for (const name of names.filter((text) => Number.parseInt(text, 10) <= this.#clock())) {
      // What fails is tried again with the next sweep, and holds up nothing else.
      await this.#settle(join(this.#folder, name)).catch(() => undefined)
    }
  }

  async #settle(note: string): Promise<void> {
    const key = await readFile(note, 'utf8')
    if (key !== '') await this.#expire(key)
    await rm(note, { force: true })
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sweeping?.catch(() => undefined)
  }
}
