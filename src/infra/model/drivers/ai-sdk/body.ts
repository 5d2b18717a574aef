import { AppError } from '../../../../base/errors.ts'

const REFUSAL =
  /unsupported|unrecognized|not supported|does not support|unknown (?:parameter|argument|field)|extra inputs|only the default|deprecated|cannot both be specified/i

/**
 * Learns what an endpoint does not take. Newer OpenAI models refuse `max_tokens` and `temperature`, older servers
 * `stream_options`: the answer matters more than the setting, so it is left out from then on.
 */
export class BodyRules {
  readonly #optional: readonly string[]
  readonly #left = new Set<string>()
  #renamed = false
  readonly #warn: (text: string) => void

  /** `optional`: the settings that an answer can do without, by their names on the wire. */
  constructor(optional: readonly string[], warn: (text: string) => void = () => undefined) {
    this.#optional = optional
    this.#warn = warn
  }

  /** The body as the endpoint takes it. */
  apply(body: Record<string, unknown>): Record<string, unknown> {
    const out = { ...body }
    for (const name of this.#left) delete out[name]
    if (this.#renamed && out.max_tokens !== undefined) {
      out.max_completion_tokens = out.max_tokens
      delete out.max_tokens
    }
    return out
  }

  /** The body of a request that an SDK has written already; empty while there is nothing to change. */
  applyTo(body: unknown): { body?: string } {
    if (typeof body !== 'string' || this.#left.size === 0) return {}
    return { body: JSON.stringify(this.apply(JSON.parse(body))) }
  }

  /** Whether a failure says that a setting is not taken which was sent until now; it is remembered. */
  learn(err: unknown): boolean {
    if (!(err instanceof AppError) || err.code !== 'invalid_argument' || !REFUSAL.test(err.message)) return false
    if (!this.#renamed && /max_completion_tokens/.test(err.message)) {
      this.#renamed = true
      return true
    }
    const named = this.#optional.find((name) => !this.#left.has(name) && new RegExp(`\\b${name}\\b`).test(err.message))
    if (named === undefined) return false
    this.#left.add(named)
    this.#warn(`the model endpoint does not take "${named}"; it is left out from now on`)
    return true
  }
}
