import type { Clock } from '../base/clock.ts'
import type { NewId } from '../base/ids.ts'
import type { Database } from '../infra/db/db.ts'

/** What every service is built from. */
export type Context = {
  database: Database
  newId: NewId
  clock: Clock
  /** Tells the outbox relay that a commit may have left events; cheap, may be called without need. */
  nudge(): void
}
