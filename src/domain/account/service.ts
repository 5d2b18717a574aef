import { AppError } from '../../base/errors.ts'
import type { Blob } from '../../infra/blob/blob.ts'
import type { Db, Tx } from '../../infra/db/db.ts'
import type { AccountTable } from '../../infra/db/schema.ts'
import { type Actor, found } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Spaces } from '../space/service.ts'
import { AccessTokens } from './access-tokens.ts'
import { readAvatar } from './avatar.ts'
import { type Email, localPart, parseEmail } from './email.ts'
import { LoginGuard } from './login-guard.ts'
import { Passwords, type ScryptCost } from './passwords.ts'
import { Sessions } from './sessions.ts'
import {
  claimOwnership,
  findAccount,
  findAccountByEmail,
  hasAccounts,
  insertAccount,
  isUniqueNameTaken,
  lockAccount,
  replacePasswordHash,
  updateAccount,
} from './store.ts'
import { type Credentials, Password, type Profile, type ProfileUpdate, type SignedIn } from './types.ts'

const DEFAULT_LOCALE = 'en-US'
const MAX_INSERTS = 3

export type AccountsDeps = {
  context: Context
  blob: Blob
  spaces: Spaces
  /** Whether others than the first may make an account. */
  allowRegistration: boolean
  /** For tests, which have no time for strong ones. */
  passwordCost?: ScryptCost
}

/** Accounts, their sessions and tokens. Recognises callers for the HTTP server. */
export class Accounts {
  readonly tokens: AccessTokens
  readonly #deps: AccountsDeps
  readonly #sessions: Sessions
  readonly #passwords: Passwords
  readonly #guard: LoginGuard

  constructor(deps: AccountsDeps) {
    this.#deps = deps
    this.tokens = new AccessTokens(deps)
    this.#sessions = new Sessions(deps)
    this.#passwords = new Passwords(deps.passwordCost)
    this.#guard = new LoginGuard(deps.context.clock)
  }

  /**
   * Makes an account with its personal space and logs it in; `endCookie` is the session that this browser had. The
   * first account becomes the owner; later ones are refused (`permission_denied`, reason `registration_closed`)
   * unless registration is open. Throws `invalid_argument` (`bad_email`), `already_exists` (`email_taken`).
   */
  async register(input: Credentials & { locale?: string | undefined }, endCookie?: string): Promise<SignedIn> {
    const email = parseEmail(input.email)
    const password = checkPassword(input.password)
    const { database } = this.#deps.context
    await this.#checkRegistration(database.db, email)
    const passwordHash = await this.#passwords.hash(password)
    const locale = canonicalLocale(input.locale) ?? DEFAULT_LOCALE
    for (let attempt = 1; ; attempt++) {
      try {
        const row = await database.transaction((tx) => this.#insert(tx, email, passwordHash, locale))
        this.#guard.clear(email.key)
        return await this.#signIn(row, endCookie)
      } catch (err) {
        // another registration came first with the address, the name or the ownership: look again
        if (attempt === MAX_INSERTS || !isConstraint(err)) throw err
      }
    }
  }

  /** Whether anyone has registered yet; until then registration is open. */
  async hasOwner(): Promise<boolean> {
    return hasAccounts(this.#deps.context.database.db)
  }

  /**
   * Throws `unauthenticated` (reason `bad_credentials`), `invalid_argument` (`bad_email`), and `rate_limited` after
   * several failures, when even the right password is refused for a while.
   */
  async login(input: Credentials, endCookie?: string): Promise<SignedIn> {
    const email = parseEmail(input.email)
    const account = await this.#guard.run(email.key, () => this.#checkCredentials(email, input.password))
    if (account === null) throw badCredentials()
    return this.#signIn(account, endCookie)
  }

  /** Ends one session. */
  logout(cookie: string): Promise<void> {
    return this.#sessions.end(cookie)
  }

  /** Who holds a token. Throws `unauthenticated`. */
  byToken(token: string): Promise<Actor> {
    return this.tokens.authenticate(token)
  }

  /** Who is logged in by a cookie. Throws `unauthenticated`. */
  bySession(cookie: string): Promise<Actor> {
    return this.#sessions.authenticate(cookie)
  }

  async profile(actor: Actor): Promise<Profile> {
    return this.#toProfile(await this.#find(actor))
  }

  /** Throws `already_exists` when another account has the unique name, `invalid_argument` for an unknown locale. */
  async updateProfile(actor: Actor, change: ProfileUpdate): Promise<void> {
    const { database, clock } = this.#deps.context
    const { name, uniqueName: unique_name, description } = change
    const locale = canonicalLocale(change.locale)
    if (change.locale !== undefined && locale === undefined)
      throw new AppError('invalid_argument', 'locale: this is not a language tag', { details: { field: 'locale' } })
    const values = { name, unique_name, description, locale, updated_at_ms: clock() }
    try {
      await updateAccount(database.db, actor.accountId, values)
    } catch (err) {
      if (!isConstraint(err)) throw err
      throw new AppError('already_exists', 'user_unique_name: another account has this name', {
        cause: err,
        details: { field: 'user_unique_name' },
      })
    }
  }

  /**
   * Sets the actor's own password and ends all other sessions of the account; access tokens stay. The address
   * must be the actor's own, otherwise `permission_denied`.
   */
  async changePassword(actor: Actor, input: Credentials, cookie: string): Promise<void> {
    const email = parseEmail(input.email)
    const account = await this.#find(actor)
    if (account.email_key !== email.key)
      throw new AppError('permission_denied', 'email: only your own password can be changed')
    const password_hash = await this.#passwords.hash(checkPassword(input.password))
    const { database, clock } = this.#deps.context
    await database.transaction(async (tx) => {
      await updateAccount(tx, account.id, { password_hash, updated_at_ms: clock() })
      await this.#sessions.endOthers(tx, account.id, cookie)
    })
    this.#guard.clear(account.email_key)
  }

  /** Stores the actor's picture (PNG, JPEG, GIF or WebP, 2 MiB at most) and returns its URL. */
  async setAvatar(actor: Actor, body: AsyncIterable<Uint8Array>): Promise<string> {
    const { blob, context } = this.#deps
    const { bytes, mediaType } = await readAvatar(body)
    // one key per account: a crash between the two steps leaves nothing behind that nobody names
    const key = `avatar/${actor.accountId}`
    await blob.put(key, bytes, { contentType: mediaType, sizeBytes: bytes.byteLength })
    await updateAccount(context.database.db, actor.accountId, { avatar_key: key, updated_at_ms: context.clock() })
    return blob.signUrl(key)
  }

  async #insert(tx: Tx, email: Email, passwordHash: string, locale: string): Promise<AccountTable> {
    const { context, spaces } = this.#deps
    // asked once: another registration may be committed between two answers
    const isFirst = await this.#checkRegistration(tx, email)
    const nowMs = context.clock()
    const id = context.newId()
    if (isFirst) await claimOwnership(tx, id, nowMs)
    const row = {
      id,
      email: email.address,
      email_key: email.key,
      name: localPart(email),
      unique_name: await freeUniqueName(tx, email, id),
      description: '',
      locale,
      avatar_key: null,
      password_hash: passwordHash,
      is_owner: isFirst,
      created_at_ms: nowMs,
      updated_at_ms: nowMs,
    }
    await insertAccount(tx, row)
    await spaces.createPersonal(tx, id, nowMs)
    return row
  }

  /**
   * Whether this is the first account. Closed comes before taken, so that a closed server does not tell who has an
   * account.
   */
  async #checkRegistration(db: Db | Tx, email: Email): Promise<boolean> {
    const isFirst = !(await hasAccounts(db))
    if (!this.#deps.allowRegistration && !isFirst)
      throw new AppError('permission_denied', 'registration is closed; the operator opens it by ALLOW_REGISTRATION=1', {
        details: { reason: 'registration_closed' },
      })
    if ((await findAccountByEmail(db, email.key)) !== undefined)
      throw new AppError('already_exists', 'email: this address has an account already', {
        details: { reason: 'email_taken', field: 'email' },
      })
    return isFirst
  }

  async #checkCredentials(email: Email, password: string): Promise<AccountTable | null> {
    const { db } = this.#deps.context.database
    const account = await findAccountByEmail(db, email.key)
    const fits = await this.#passwords.verify(password, account?.password_hash)
    if (account === undefined || !fits) return null
    if (!this.#passwords.isOutdated(account.password_hash)) return account
    const password_hash = await this.#passwords.hash(password)
    await replacePasswordHash(db, account.id, account.password_hash, password_hash)
    return { ...account, password_hash }
  }

  async #signIn(account: AccountTable, endCookie: string | undefined): Promise<SignedIn> {
    const session = await this.#deps.context.database.transaction(async (tx) => {
      // the password may have been changed since it was compared, and that ends every session
      if ((await lockAccount(tx, account.id))?.password_hash !== account.password_hash) throw badCredentials()
      return this.#sessions.start(tx, account.id, endCookie)
    })
    return { profile: await this.#toProfile(account), session }
  }

  async #find(actor: Actor): Promise<AccountTable> {
    return found(await findAccount(this.#deps.context.database.db, actor.accountId), 'account', 'user_id')
  }

  async #toProfile(row: AccountTable): Promise<Profile> {
    return {
      id: row.id,
      email: row.email,
      name: row.name,
      uniqueName: row.unique_name,
      description: row.description,
      locale: row.locale,
      avatarUrl: row.avatar_key === null ? '' : await this.#deps.blob.signUrl(row.avatar_key),
      isOwner: row.is_owner,
      createdAtMs: row.created_at_ms,
    }
  }
}

const badCredentials = (): AppError =>
  new AppError('unauthenticated', 'the e-mail or the password is wrong', { details: { reason: 'bad_credentials' } })

const isConstraint = (err: unknown): boolean => err instanceof AppError && err.details.constraint !== undefined

function checkPassword(password: string): string {
  if (Password.safeParse(password).success) return password
  throw new AppError('invalid_argument', 'password: 8 to 256 characters, please', { details: { field: 'password' } })
}

/** The canonical form of a language tag; undefined when it is none. */
function canonicalLocale(tag: string | undefined): string | undefined {
  try {
    return tag === undefined || tag.length > 35 ? undefined : Intl.getCanonicalLocales(tag)[0]
  } catch {
    return undefined
  }
}

/** The part before the @, or the whole address, or that with the id: the first that nobody has. */
async function freeUniqueName(tx: Tx, email: Email, id: string): Promise<string> {
  for (const name of [localPart(email), email.key]) if (!(await isUniqueNameTaken(tx, name))) return name
  return `${email.key}-${id}`
}
