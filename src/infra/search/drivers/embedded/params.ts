import { z } from 'zod'
import { messageOf } from '../../../../base/errors.ts'
import { parseSize } from '../../../../base/units.ts'

/** A URI parameter such as "256mb", in bytes. */
export const sizeParam = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, context) => {
      try {
        return parseSize(text)
      } catch (err) {
        context.addIssue({ code: 'custom', message: messageOf(err) })
        return z.NEVER
      }
    })
