import { AppError } from '../base/errors.ts'

export type SpaceRole = 'owner' | 'admin' | 'member'

/**
 * Who is calling: the account, and every space it is a member of with its role there. Made by authentication,
 * handed to every use case; a store query on tenant data is limited to `spaceIds`.
 */
export type Actor = {
  readonly accountId: string
  /** Where things go that name no space (an uploaded file): the account's own. */
  readonly personalSpaceId: string
  readonly spaces: ReadonlyMap<string, SpaceRole>
  /** The channel the call comes through: 1024 for the API, 999 for the web SDK, 10000010 for the console. */
  readonly connectorId: string
}

/** The ids of the actor's spaces, for `where space_id in (…)`. */
export const spaceIds = (actor: Actor): string[] => [...actor.spaces.keys()]

/** Throws `permission_denied` unless the actor is a member of the space. */
export function requireSpace(actor: Actor, spaceId: string): void {
  if (!actor.spaces.has(spaceId))
    throw new AppError('permission_denied', 'no access to this space', { details: { space_id: spaceId } })
}

/** The row, or `not_found` with the field that named it. Rows of other spaces never get here, so they are not found too. */
export function found<T>(row: T | undefined, what: string, field: string): T {
  if (row === undefined) throw new AppError('not_found', `${what} not found`, { details: { field } })
  return row
}
