import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open as openFile, rm, statfs, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { addAbortSignal, Readable } from 'node:stream'
import { z } from 'zod'
import { type Clock, systemClock } from '../../../base/clock.ts'
import { AppError, codeOf, type ErrorCode } from '../../../base/errors.ts'
import { parseParams, resolveDataPath, type Uri } from '../../../base/uri.ts'
import { type Claim, claimFolder } from '../../data-folder.ts'
import type { BlobDriver, BlobMeta, OpenedBlob, PutRequest, PutResult, Range, SignRequest } from '../driver.ts'
import { KeyLocks, moveIntoPlace, removeEmptyFolders, writeBody } from './file/disk.ts'
import { Lifetimes } from './file/lifetimes.ts'
import { objectPath } from './file/paths.ts'
import { encodeRecord, readRecord, type StoredMeta } from './file/record.ts'
import { folderSecret, Signer } from './file/signer.ts'
import { walkKeys } from './file/walk.ts'

const Params = z.strictObject({
  fsync: z.enum(['0', '1']).default('1'),
  secret: z.string().min(16, 'at least 16 characters').optional(),
  public: z.url({ protocol: /^https?$/, error: 'an http or https address' }).optional(),
})

const LOW_SPACE_BYTES = 512 * 1024 ** 2
const HEADS_AT_ONCE = 32
/** Larger reads than Node's own make large files twice as fast. */
const READ_BYTES = 256 * 1024

export type FileOptions = { home: string; publicUrl: () => string; clock?: Clock }

/**
 * `file://./var/data/blob?fsync=1&secret=…&public=https://…`. Objects are files in a folder that this process owns.
 * `fsync=0` trusts the operating system to write in time: fine against crashes of Snug, not against power loss.
 * `secret` signs URLs (16 characters or more; otherwise a generated one in the folder), `public` is the address in
 * them when it differs from the server's.
 */
export async function open(uri: Uri, options: FileOptions): Promise<BlobDriver> {
  const params = parseParams(uri, Params)
  const folder = resolveDataPath(options.home, uri)
  const claim = claimFolder(folder)
  try {
    const temporary = join(folder, '.tmp')
    // Left over by a process that was killed.
    await rm(temporary, { recursive: true, force: true })
    await mkdir(temporary, { mode: 0o700 })
    const clock = options.clock ?? systemClock
    const signer = new Signer(params.secret ?? (await folderSecret(folder)), clock)
    const publicUrl = () => (params.public ?? options.publicUrl()).replace(/\/+$/, '')
    const store = new FileStore({ folder, temporary, claim, durable: params.fsync === '1', signer, publicUrl, clock })
    await store.start()
    return store
  } catch (err) {
    claim.release()
    throw err
  }
}

type FileStoreOptions = {
  folder: string
  temporary: string
  claim: Claim
  durable: boolean
  signer: Signer
  publicUrl: () => string
  clock: Clock
}

class FileStore implements BlobDriver {
  readonly provider = 'file'
  readonly features: ReadonlySet<string> = new Set([
    'sign.local',
    'etag.content',
    'delete_after',
    'keys.any',
    'tags.any',
  ])
  readonly #options: FileStoreOptions
  readonly #locks = new KeyLocks()
  readonly #lifetimes: Lifetimes

  constructor(options: FileStoreOptions) {
    this.#options = options
    const expire = (key: string) => this.#locks.run(key, () => this.#removeIfDue(key))
    this.#lifetimes = new Lifetimes(join(options.folder, '.due'), options.clock, expire)
  }

  async start(): Promise<void> {
    await this.#lifetimes.sweep()
  }

  async put(key: string, body: AsyncIterable<Uint8Array>, request: PutRequest): Promise<PutResult> {
    const { contentType, disposition, tags, deleteAtMs, ifNoneMatch } = request
    if (ifNoneMatch) await this.#mustBeFree(key)
    const write = async (handle: FileHandle): Promise<PutResult> => {
      const result = await writeBody(handle, body)
      await handle.writeFile(
        encodeRecord({
          ...{ key, ...result, modifiedAtMs: this.#options.clock(), contentType },
          ...(disposition === undefined ? {} : { disposition }),
          ...(tags === undefined ? {} : { tags }),
          ...(deleteAtMs === undefined ? {} : { deleteAtMs }),
        }),
      )
      return result
    }
    return this.#replace(key, write, async () => {
      if (ifNoneMatch) await this.#mustBeFree(key)
      request.signal?.throwIfAborted()
      if (deleteAtMs !== undefined) await this.#lifetimes.note(key, deleteAtMs)
    })
  }

  async open(key: string, range: Range | undefined, signal: AbortSignal | undefined): Promise<OpenedBlob> {
    const found = await this.#openFile(key)
    if (found === null) throw new AppError('not_found', 'there is no such blob', { details: { key } })
    const { handle, meta } = found
    try {
      const bytes = range && boundsOf(range, meta.sizeBytes)
      const { start, end } = bytes ?? { start: 0, end: meta.sizeBytes - 1 }
      const body =
        end < start ? await emptied(handle) : handle.createReadStream({ start, end, highWaterMark: READ_BYTES })
      if (signal !== undefined) addAbortSignal(signal, body)
      return { meta: shown(meta), body, ...(bytes === undefined ? {} : { range: bytes }) }
    } catch (err) {
      await handle.close()
      throw err
    }
  }

  async head(key: string): Promise<BlobMeta | null> {
    const found = await this.#openFile(key)
    await found?.handle.close()
    return found && shown(found.meta)
  }

  async delete(key: string): Promise<void> {
    await this.#locks.run(key, () => this.#remove(key))
  }

  async copy(from: string, to: string): Promise<void> {
    const found = await this.#openFile(from)
    if (found === null) throw new AppError('not_found', 'there is no such blob', { details: { key: from } })
    const { handle: source, meta } = found
    try {
      const write = async (handle: FileHandle): Promise<PutResult> => {
        const chunks = source.createReadStream({ start: 0, end: Math.max(0, meta.sizeBytes - 1), autoClose: false })
        const result = await writeBody(handle, meta.sizeBytes === 0 ? Readable.from([]) : chunks)
        const { deleteAtMs: _left, ...kept } = meta
        await handle.writeFile(encodeRecord({ ...kept, key: to, modifiedAtMs: this.#options.clock() }))
        return result
      }
      await this.#replace(to, write)
    } finally {
      await source.close()
    }
  }

  async *walk(prefix: string, after: string): AsyncIterable<BlobMeta> {
    let keys: string[] = []
    for await (const key of walkKeys(this.#options.folder, prefix, after)) {
      keys.push(key)
      if (keys.length < HEADS_AT_ONCE) continue
      yield* await this.#heads(keys)
      keys = []
    }
    yield* await this.#heads(keys)
  }

  async sign(key: string, request: SignRequest): Promise<string> {
    const path = key.split('/').map(encodeURIComponent).join('/')
    return `${this.#options.publicUrl()}/api/blob/${path}?${this.#options.signer.sign(key, request)}`
  }

  verify(key: string, query: Readonly<Record<string, string>>): Omit<SignRequest, 'expiresS'> {
    return this.#options.signer.verify(key, query)
  }

  async health() {
    const probe = join(this.#options.temporary, randomUUID())
    const handle = await openFile(probe, 'wx', 0o600)
    await handle.close()
    await unlink(probe)
    const { bavail, bsize } = await statfs(this.#options.folder)
    const freeBytes = bavail * bsize
    const checks = { freeBytes, fsync: this.#options.durable }
    return { status: freeBytes < LOW_SPACE_BYTES ? ('degraded' as const) : ('up' as const), engine: 'files', checks }
  }

  /** A file that is missing or forbidden is a trouble of the store, not an answer to the caller. */
  codeOf(err: unknown): ErrorCode {
    const code = codeOf(err)
    return code === 'not_found' || code === 'already_exists' || code === 'permission_denied' ? 'internal' : code
  }

  async close(): Promise<void> {
    await this.#lifetimes.stop()
    this.#options.claim.release()
  }

  #path(key: string): string {
    return join(this.#options.folder, objectPath(key))
  }

  /** Writes a new file aside and puts it in the place of the object; `before` runs just before that. */
  async #replace(
    key: string,
    write: (handle: FileHandle) => Promise<PutResult>,
    before: () => Promise<void> = async () => undefined,
  ): Promise<PutResult> {
    const { temporary, durable } = this.#options
    const file = join(temporary, randomUUID())
    const handle = await openFile(file, 'wx', 0o600)
    try {
      const result = await write(handle)
      if (durable) await handle.datasync()
      await handle.close()
      await this.#locks.run(key, async () => {
        await before()
        await moveIntoPlace(file, this.#path(key), durable)
      })
      return result
    } catch (err) {
      await handle.close().catch(() => undefined)
      await rm(file, { force: true })
      throw err
    }
  }

  async #openFile(key: string): Promise<{ handle: FileHandle; meta: StoredMeta } | null> {
    let handle: FileHandle
    try {
      handle = await openFile(this.#path(key), 'r')
    } catch (err) {
      if (codeOf(err) === 'not_found') return null
      throw err
    }
    try {
      const meta = await readRecord(handle, key)
      if (meta.deleteAtMs === undefined || meta.deleteAtMs > this.#options.clock()) return { handle, meta }
    } catch (err) {
      await handle.close()
      throw err
    }
    await handle.close()
    return null
  }

  async #heads(keys: readonly string[]): Promise<BlobMeta[]> {
    const metas = await Promise.all(keys.map((key) => this.head(key)))
    return metas.filter((meta) => meta !== null)
  }

  async #mustBeFree(key: string): Promise<void> {
    if ((await this.head(key)) !== null) throw new AppError('conflict', 'the blob exists already', { details: { key } })
  }

  async #remove(key: string): Promise<void> {
    try {
      await unlink(this.#path(key))
    } catch (err) {
      if (codeOf(err) === 'not_found') return
      throw err
    }
    await removeEmptyFolders(this.#options.folder, objectPath(key))
  }

  async #removeIfDue(key: string): Promise<void> {
    if ((await this.head(key)) === null) await this.#remove(key)
  }
}

function shown({ deleteAtMs: _hidden, ...meta }: StoredMeta): BlobMeta {
  return meta
}

function boundsOf({ start, end }: Range, sizeBytes: number): { start: number; end: number } {
  const first = start < 0 ? Math.max(0, sizeBytes + start) : start
  const last = Math.min(end ?? sizeBytes - 1, sizeBytes - 1)
  if (first >= sizeBytes || last < first)
    throw new AppError('out_of_range', 'the range starts behind the end of the blob', { details: { sizeBytes } })
  return { start: first, end: last }
}

async function emptied(handle: FileHandle): Promise<Readable> {
  await handle.close()
  return Readable.from([])
}
