import type { Db, Tx } from '../../infra/db/db.ts'
import type { SpaceMemberTable, SpaceTable } from '../../infra/db/schema.ts'

export type MemberRow = SpaceTable & { role: SpaceMemberTable['role'] }

export async function insertSpace(tx: Tx, space: SpaceTable, member: SpaceMemberTable): Promise<void> {
  await tx.insertInto('space').values(space).execute()
  await tx.insertInto('space_member').values(member).execute()
}

/** The spaces of an account with its role in each, oldest first. */
export function listMemberships(db: Db | Tx, accountId: string): Promise<MemberRow[]> {
  return db
    .selectFrom('space_member')
    .innerJoin('space', 'space.id', 'space_member.space_id')
    .selectAll('space')
    .select('space_member.role')
    .where('space_member.account_id', '=', accountId)
    .orderBy('space.id')
    .execute()
}
