import { z } from 'zod'
import { isId } from '../base/ids.ts'

/** An id on the wire: a decimal string. Numbers in request bodies were made strings before validation. */
export const Id = z.string().refine(isId, { message: 'must be an id: a decimal number of at most 19 digits' })

/** 1-based page number of a query or body. */
export const PageNumber = z.coerce.number().int().min(1).max(1_000_000)
/** Page size of a query or body, with the endpoint's own limit. */
export const pageSize = (max: number) => z.coerce.number().int().min(1).max(max)
/** A truth value of a query string. */
export const QueryBoolean = z.enum(['true', 'false', '1', '0'])
export const isTrue = (value: 'true' | 'false' | '1' | '0' | undefined): boolean => value === 'true' || value === '1'
/** Up to 16 pairs that the caller may attach to a thing. */
export const MetaData = z
  .record(z.string().max(64), z.string().max(512))
  .refine((map) => Object.keys(map).length <= 16, { message: 'at most 16 pairs' })

/** The envelope of a successful answer with its payload under `data`. */
export const envelope = <T extends z.ZodType>(data: T) => z.object({ code: z.number(), msg: z.string(), data })
/** The envelope of a successful answer without a payload. */
export const EmptyEnvelope = z.object({ code: z.number(), msg: z.string() })

export const ok = <T>(data: T) => ({ code: 0, msg: '', data })
export const done = { code: 0, msg: '' } as const
