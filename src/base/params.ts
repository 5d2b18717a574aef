import { z } from 'zod'
import { messageOf } from './errors.ts'
import { parseDuration, parseSize } from './units.ts'

const unit = (parse: (text: string) => number) =>
  z.string().transform((text, context) => {
    try {
      return parse(text)
    } catch (err) {
      context.addIssue(messageOf(err))
      return z.NEVER
    }
  })

/** A URI parameter that is a duration: "5s" → 5000 milliseconds. */
export const durationParam = unit(parseDuration)
/** A URI parameter that is a size: "64mb" → bytes. */
export const sizeParam = unit(parseSize)
