import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '../../base/errors.ts'

/** Parameters of scrypt; memory is 128 × cost × blockSize bytes. */
export type ScryptCost = { cost: number; blockSize: number; parallelization: number }

/** 32 MiB and some tenths of a second: as strong as 128 MiB at one pass, and kind to a small machine. */
const COST: ScryptCost = { cost: 2 ** 15, blockSize: 8, parallelization: 3 }
const KEY_BYTES = 32
/** Each one takes a thread and its memory. */
const MAX_RUNNING = 2
/** How many may wait; a flood beyond it is turned away instead of filling the memory. */
const MAX_WAITING = 100

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt)

type Stored = ScryptCost & { salt: Buffer; key: Buffer }

function format(stored: Stored): string {
  const { cost, blockSize, parallelization, salt, key } = stored
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$scrypt$ln=${Math.log2(cost)},r=${blockSize},p=${parallelization}$${base64(salt)}$${base64(key)}`
}

function parse(text: string): Stored {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(text)
  if (match === null) throw new AppError('corrupt', 'a stored password cannot be read')
  const [, ln, r, p, salt = '', key = ''] = match
  return {
    cost: 2 ** Number(ln),
    blockSize: Number(r),
    parallelization: Number(p),
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  }
}

/** Hashes and checks passwords with scrypt, a few at a time. */
export class Passwords {
  readonly #cost: ScryptCost
  /** Compared when there is no account, so that a guess at an address takes as long as one at a password. */
  readonly #nobody: string
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(cost: ScryptCost = COST) {
    this.#cost = cost
    this.#nobody = format({ ...cost, salt: randomBytes(16), key: randomBytes(KEY_BYTES) })
  }

  /** The text to store: parameters, salt and key. Throws `rate_limited` when too many wait. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(16)
    return format({ ...this.#cost, salt, key: await this.#derive(password, { ...this.#cost, salt }) })
  }

  /** Whether the password fits; without a stored one the same work, and false. Throws `rate_limited`. */
  async verify(password: string, stored: string | undefined): Promise<boolean> {
    const expected = parse(stored ?? this.#nobody)
    const actual = await this.#derive(password, expected)
    return actual.length === expected.key.length && timingSafeEqual(actual, expected.key) && stored !== undefined
  }

  /** Whether a stored password was made with other parameters than a new one would be. */
  isOutdated(stored: string): boolean {
    const { cost, blockSize, parallelization } = parse(stored)
    const now = this.#cost
    return cost !== now.cost || blockSize !== now.blockSize || parallelization !== now.parallelization
  }

  async #derive(password: string, { salt, ...cost }: ScryptCost & { salt: Buffer }): Promise<Buffer> {
    await this.#enter()
    try {
      const maxmem = 256 * cost.cost * cost.blockSize
      return await derive(password.normalize('NFKC'), salt, KEY_BYTES, { ...cost, maxmem })
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < MAX_RUNNING) {
      this.#running++
      return
    }
    if (this.#waiting.length >= MAX_WAITING)
      throw new AppError('rate_limited', 'too many logins at the same time; try again in some seconds')
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
}
