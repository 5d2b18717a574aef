import { AppError } from '../../../../base/errors.ts'

/** Settings that an answer can do without. */
const OPTIONAL = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'stream_options', 'response_format']
const REFUSAL =
  /unsupported|unrecognized|not supported|does not support|unknown (?:parameter|argument|field)|extra inputs|only the default/i

/**
 * Learns what an endpoint does not take. Newer OpenAI models refuse `max_tokens` and `temperature`, older servers
 * `stream_options`: the answer matters more than the setting, so it is left out from then on.
 */
export class BodyRules {
  readonly #left = new Set<string>()
  #renamed = false
  readonly #warn: (text: string) => void

  constructor(warn: (text: string) => void) {
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

  /** Whether a failure says that a setting is not taken which was sent until now; it is remembered. */
  learn(err: unknown): boolean {
    if (!(err instanceof AppError) || err.code !== 'invalid_argument' || !REFUSAL.test(err.message)) return false
    if (!this.#renamed && /max_completion_tokens/.test(err.message)) {
      this.#renamed = true
      return true
    }
    const named = OPTIONAL.find((name) => !this.#left.has(name) && new RegExp(`\\b${name}\\b`).test(err.message))
    if (named === undefined) return false
    this.#left.add(named)
    this.#warn(`the model endpoint does not take "${named}"; it is left out from now on`)
    return true
  }
}
