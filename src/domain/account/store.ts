import type { Db, Tx } from '../../infra/db/db.ts'
import type { AccessTokenTable, AccountTable, SessionTable } from '../../infra/db/schema.ts'

type AccountChange = { [K in Exclude<keyof AccountTable, 'id'>]?: AccountTable[K] | undefined }

/** The row whose insert only one registration can win: the first. */
const OWNER_SETTING = 'account.owner'

export async function hasAccounts(db: Db | Tx): Promise<boolean> {
  return (await db.selectFrom('account').select('id').limit(1).executeTakeFirst()) !== undefined
}

/** Throws `already_exists` when another registration has claimed it. */
export async function claimOwnership(tx: Tx, accountId: string, nowMs: number): Promise<void> {
  const row = { name: OWNER_SETTING, value_json: { account_id: accountId }, updated_at_ms: nowMs }
  await tx.insertInto('setting').values(row).execute()
}

export async function insertAccount(tx: Tx, row: AccountTable): Promise<void> {
  await tx.insertInto('account').values(row).execute()
}

export function findAccount(db: Db | Tx, id: string): Promise<AccountTable | undefined> {
  return db.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The same, and nobody else changes it until the transaction ends. */
export function lockAccount(tx: Tx, id: string): Promise<AccountTable | undefined> {
  return tx.selectFrom('account').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

export function findAccountByEmail(db: Db | Tx, emailKey: string): Promise<AccountTable | undefined> {
  return db.selectFrom('account').selectAll().where('email_key', '=', emailKey).executeTakeFirst()
}

export async function isUniqueNameTaken(db: Db | Tx, uniqueName: string): Promise<boolean> {
  const row = await db.selectFrom('account').select('id').where('unique_name', '=', uniqueName).executeTakeFirst()
  return row !== undefined
}

/** Absent and undefined columns stay. Throws `already_exists` when another account has the unique name. */
export async function updateAccount(db: Db | Tx, id: string, change: AccountChange): Promise<void> {
  await db.updateTable('account').set(change).where('id', '=', id).execute()
}

/** Stores the same password hashed anew, unless it was changed meanwhile. */
export async function replacePasswordHash(db: Db | Tx, id: string, from: string, to: string): Promise<void> {
  const update = db.updateTable('account').set({ password_hash: to })
  await update.where('id', '=', id).where('password_hash', '=', from).execute()
}

export async function insertSession(db: Db | Tx, row: SessionTable): Promise<void> {
  await db.insertInto('session').values(row).execute()
}

export function findSession(db: Db | Tx, tokenHash: string): Promise<SessionTable | undefined> {
  return db.selectFrom('session').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst()
}

export async function deleteSession(db: Db | Tx, tokenHash: string): Promise<void> {
  await db.deleteFrom('session').where('token_hash', '=', tokenHash).execute()
}

export async function deleteExpiredSessions(db: Db | Tx, accountId: string, nowMs: number): Promise<void> {
  await db.deleteFrom('session').where('account_id', '=', accountId).where('expires_at_ms', '<=', nowMs).execute()
}

/** Ends every session of an account but one. */
export async function deleteOtherSessions(db: Db | Tx, accountId: string, keepHash: string): Promise<void> {
  await db.deleteFrom('session').where('account_id', '=', accountId).where('token_hash', '!=', keepHash).execute()
}

export async function insertToken(db: Db | Tx, row: AccessTokenTable): Promise<void> {
  await db.insertInto('access_token').values(row).execute()
}

export function findToken(db: Db | Tx, accountId: string, id: string): Promise<AccessTokenTable | undefined> {
  const mine = db.selectFrom('access_token').selectAll().where('account_id', '=', accountId)
  return mine.where('id', '=', id).executeTakeFirst()
}

export function findTokenByHash(db: Db | Tx, tokenHash: string): Promise<AccessTokenTable | undefined> {
  return db.selectFrom('access_token').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst()
}

export async function countTokens(db: Db | Tx, accountId: string): Promise<number> {
  const count = db.selectFrom('access_token').select((eb) => eb.fn.countAll<number>().as('count'))
  return (await count.where('account_id', '=', accountId).executeTakeFirstOrThrow()).count
}

/** Newest first. */
export function listTokens(db: Db | Tx, accountId: string, offset: number, limit: number): Promise<AccessTokenTable[]> {
  const mine = db.selectFrom('access_token').selectAll().where('account_id', '=', accountId)
  return mine.orderBy('id', 'desc').offset(offset).limit(limit).execute()
}

export async function renameToken(db: Db | Tx, id: string, name: string, nowMs: number): Promise<void> {
  await db.updateTable('access_token').set({ name, updated_at_ms: nowMs }).where('id', '=', id).execute()
}

export async function deleteToken(db: Db | Tx, id: string): Promise<void> {
  await db.deleteFrom('access_token').where('id', '=', id).execute()
}

/** Notes a use, unless a later one than `olderThanMs` is noted already. */
export async function touchToken(db: Db | Tx, id: string, nowMs: number, olderThanMs: number): Promise<void> {
  const update = db.updateTable('access_token').set({ last_used_at_ms: nowMs }).where('id', '=', id)
  await update
    .where((eb) => eb.or([eb('last_used_at_ms', 'is', null), eb('last_used_at_ms', '<', olderThanMs)]))
    .execute()
}
