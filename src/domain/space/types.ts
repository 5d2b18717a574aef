import type { SpaceRole } from '../actor.ts'

/** A tenant's workspace, as one of its members sees it. */
export type Space = {
  id: string
  name: string
  description: string
  kind: 'personal' | 'team'
  /** The member's own role. */
  role: SpaceRole
  createdAtMs: number
}
export type SpaceList = { spaces: Space[]; total: number }
