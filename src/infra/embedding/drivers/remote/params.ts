import { z } from 'zod'
import { AppError } from '../../../../base/errors.ts'
import { parseDuration } from '../../../../base/units.ts'
import type { EmbeddingLimits } from '../../driver.ts'

const Duration = z.string().transform((text, ctx) => {
  try {
    return parseDuration(text)
  } catch {
    ctx.addIssue({ code: 'custom', message: 'is a duration such as 500ms or 30s' })
    return z.NEVER
  }
})

/** What every remote provider takes. */
export const REMOTE_PARAMS = {
  dims: z.coerce.number().int().min(1).max(65_536).optional(),
  api_key: z.string().optional(),
  timeout: Duration.default(30_000),
  retries: z.coerce.number().int().min(0).max(10).default(3),
  batch: z.coerce.number().int().min(1).max(2_048).default(100),
  concurrency: z.coerce.number().int().min(1).max(64).default(2),
  max_chars: z.coerce.number().int().min(1).max(10_000_000).default(8_000),
  truncate: z.enum(['end', 'error']).default('end'),
}
export const TLS = z
  .enum(['0', '1'], 'is 0 or 1')
  .transform((flag) => flag === '1')
  .optional()

type Limits = {
  batch: number
  concurrency: number
  retries: number
  max_chars: number
  truncate: 'end' | 'error'
}
export const limitsOf = ({ batch, concurrency, retries, max_chars, truncate }: Limits): EmbeddingLimits => ({
  batch,
  concurrency,
  retries,
  maxChars: max_chars,
  truncate,
})

/** Reads an answer by a schema. Throws `corrupt`. */
export function readAnswer<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  throw new AppError('corrupt', 'the embedding endpoint answered in a form that was not asked for', {
    cause: result.error,
  })
}

/** A list of vectors as JSON gives it; the front looks at every number. */
export const Vectors = z.array(z.array(z.unknown())) as unknown as z.ZodType<number[][]>
