import { z } from 'zod'

/** Bytes of a picture of a person. */
export const MAX_AVATAR_BYTES = 2 * 1024 ** 2

/** A new password. Old ones are only compared, so a login checks no more than the upper limit. */
export const Password = z.string().min(8).max(256)

/** What a person may change about the own account; absent fields stay. */
export const ProfileUpdate = z.object({
  name: z.string().trim().min(1).max(100).optional(),
  uniqueName: z
    .string()
    .min(4)
    .max(20)
    .regex(/^[\p{L}\p{N}_.-]+$/u, { message: 'only letters, digits and . _ - are allowed' })
    .optional(),
  description: z.string().max(1_000).optional(),
  /** A BCP 47 tag such as `en-US`. */
  locale: z.string().min(2).max(35).optional(),
})
export type ProfileUpdate = z.infer<typeof ProfileUpdate>

/** An account as its owner sees it. */
export type Profile = {
  id: string
  email: string
  name: string
  uniqueName: string
  description: string
  locale: string
  /** A signed URL that works for a week; empty without a picture. */
  avatarUrl: string
  /** The first account: what an operator may do, it may do. */
  isOwner: boolean
  createdAtMs: number
}

/** E-mail and password as a person typed them. */
export type Credentials = { email: string; password: string }

/** What a browser gets at login: the value of its cookie, known to nobody else, and its end. */
export type Session = { cookie: string; expiresAtMs: number }
export type SignedIn = { profile: Profile; session: Session }

export const TokenName = z.string().trim().min(1).max(100)
/** How long a token lives: days, until a moment of the caller's choice, or for ever. */
export const TokenLifetime = z.enum(['1', '30', '60', '90', '180', '365', 'customize', 'permanent'])
export type TokenLifetime = z.infer<typeof TokenLifetime>

export type NewAccessToken = {
  name: string
  lifetime: TokenLifetime
  /** Epoch milliseconds; for `customize`, and only there. */
  expiresAtMs?: number | undefined
}

/** A personal access token without its secret, which is shown once. */
export type AccessToken = {
  id: string
  name: string
  createdAtMs: number
  updatedAtMs: number
  /** Exact to a minute; null when it was never used. */
  lastUsedAtMs: number | null
  /** Null when it never expires. */
  expiresAtMs: number | null
}
