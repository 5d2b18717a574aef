import { AppError } from '../../base/errors.ts'
import type { Tx } from '../../infra/db/db.ts'
import type { Actor } from '../actor.ts'
import type { Context } from '../context.ts'
import { insertSpace, listMemberships, type MemberRow } from './store.ts'
import type { Space, SpaceList } from './types.ts'

/** Workspaces and who belongs to them. Every account has one of its own. */
export class Spaces {
  readonly #context: Context

  constructor(deps: { context: Context }) {
    this.#context = deps.context
  }

  /** Makes an account's own space inside the transaction that makes the account. Returns its id. */
  async createPersonal(tx: Tx, accountId: string, nowMs: number): Promise<string> {
    const id = this.#context.newId()
    const times = { created_at_ms: nowMs, updated_at_ms: nowMs }
    const space = {
      id,
      name: 'Personal Space',
      description: '',
      kind: 'personal',
      owner_id: accountId,
      ...times,
    } as const
    await insertSpace(tx, space, { space_id: id, account_id: accountId, role: 'owner', created_at_ms: nowMs })
    return id
  }

  /** The spaces half of an actor, for authentication. */
  async membershipsOf(accountId: string): Promise<Pick<Actor, 'personalSpaceId' | 'spaces'>> {
    const rows = await listMemberships(this.#context.database.db, accountId)
    const personal = rows.find((row) => row.kind === 'personal' && row.owner_id === accountId)
    if (personal === undefined) throw new AppError('corrupt', 'the account has no personal space')
    return { personalSpaceId: personal.id, spaces: new Map(rows.map((row) => [row.id, row.role])) }
  }

  /** One page of the actor's spaces, oldest first; `search` is a part of the name, without regard to case. */
  async list(actor: Actor, page: { number: number; size: number; search?: string | undefined }): Promise<SpaceList> {
    const rows = await listMemberships(this.#context.database.db, actor.accountId)
    const wanted = page.search?.toLowerCase() ?? ''
    const all = rows.filter((row) => row.name.toLowerCase().includes(wanted)).map(toSpace)
    const start = (page.number - 1) * page.size
    return { spaces: all.slice(start, start + page.size), total: all.length }
  }
}

const toSpace = (row: MemberRow): Space => ({
  id: row.id,
  name: row.name,
  description: row.description,
  kind: row.kind,
  role: row.role,
  createdAtMs: row.created_at_ms,
})
