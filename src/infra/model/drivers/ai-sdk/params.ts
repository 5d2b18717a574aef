import { z } from 'zod'
import { parseDuration } from '../../../../base/units.ts'

/** Node's `fetch` gives up on its own after five minutes of silence. */
const MAX_TIMEOUT_MS = 300_000

const Duration = z.string().transform((text, ctx) => {
  const ms = /^\d+(\.\d+)?(ms|s|m)$/.test(text) ? parseDuration(text) : 0
  if (ms > 0 && ms <= MAX_TIMEOUT_MS) return ms
  ctx.addIssue({ code: 'custom', message: 'is a duration such as 500ms or 60s, at most 5m' })
  return z.NEVER
})
export const Flag = z.enum(['0', '1'], 'is 0 or 1').transform((flag) => flag === '1')

/** What every remote model takes. */
export const REMOTE_PARAMS = {
  model: z.string({ error: 'is required' }).min(1, 'is required'),
  api_key: z.string().optional(),
  tls: Flag.optional(),
  timeout: Duration.default(60_000),
  max_retries: z.coerce.number().int().min(0).max(10).default(2),
}

const REASONING = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const

/** How much a model thinks before it answers; unset is what the model does by itself. */
export const Reasoning = z.enum(REASONING, `is one of ${REASONING.join(', ')}`).optional()
