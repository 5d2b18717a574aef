import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../../base/clock.ts'
import { AppError, codeOf } from '../../../../base/errors.ts'
import type { SignRequest } from '../../driver.ts'

const HOUR_S = 3_600
const WEEK_S = 7 * 86_400

/** Signs URLs by HMAC-SHA256 over everything that they allow, and checks them. */
export class Signer {
  readonly #secret: string
  readonly #clock: Clock

  constructor(secret: string, clock: Clock) {
    this.#secret = secret
    this.#clock = clock
  }

  /** The query of a signed URL: `exp` (epoch seconds), `sig`, and what it overrides. */
  sign(key: string, request: SignRequest): URLSearchParams {
    const { disposition, contentType } = request
    const exactS = Math.floor(this.#clock() / 1000) + request.expiresS
    // Whole minutes, so that the URLs of one minute are equal and caches can use them.
    const rounds = request.expiresS >= HOUR_S && request.expiresS < WEEK_S
    const query = new URLSearchParams({ exp: String(rounds ? Math.ceil(exactS / 60) * 60 : exactS) })
    if (disposition !== undefined) query.set('disposition', disposition)
    if (contentType !== undefined) query.set('type', contentType)
    query.set('sig', this.#mac(key, Object.fromEntries(query)).toString('base64url'))
    return query
  }

  /** Throws `permission_denied`; says the same whatever is wrong. */
  verify(key: string, query: Readonly<Record<string, string>>): Omit<SignRequest, 'expiresS'> {
    const given = Buffer.from(query.sig ?? '', 'base64url')
    const mac = this.#mac(key, query)
    const isSame = given.length === mac.length && timingSafeEqual(given, mac)
    const isLive = /^\d{1,12}$/.test(query.exp ?? '') && Number(query.exp) * 1000 > this.#clock()
    if (!isSame || !isLive) throw new AppError('permission_denied', 'the link has expired or is not valid')
    return {
      ...(query.disposition === undefined ? {} : { disposition: query.disposition }),
      ...(query.type === undefined ? {} : { contentType: query.type }),
    }
  }

  #mac(key: string, { exp, disposition, type }: Readonly<Record<string, string>>): Buffer {
    const signed = JSON.stringify(['GET', key, exp, disposition ?? null, type ?? null])
    return createHmac('sha256', this.#secret).update(signed).digest()
  }
}

/** The secret of a folder, made on first use and readable by its owner only. */
export async function folderSecret(folder: string): Promise<string> {
  const file = join(folder, '.secret')
  const found = await readFile(file, 'utf8').catch((err: unknown) => {
    if (codeOf(err) === 'not_found') return ''
    throw err
  })
  if (found.trim() !== '') return found.trim()
  const secret = randomBytes(32).toString('hex')
  // Always the same name: what a killed process leaves, the next start writes over.
  const fresh = `${file}.new`
  await writeFile(fresh, `${secret}\n`, { mode: 0o600, flush: true })
  await rename(fresh, file)
  return secret
}
