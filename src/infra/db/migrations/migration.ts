import type { Kysely } from 'kysely'
import type { Dialect } from '../driver.ts'

export type { Dialect } from '../driver.ts'

/**
 * One forward-only step of the schema, written once for all dialects. A step that was released is never
 * edited: its text is checksummed, and a database that ran another text under the same name is refused.
 */
export type Migration = {
  /** Four digits and a name, `0001_init`; the list is in this order and has no gaps. */
  name: string
  /**
   * Runs inside the migration's transaction; it must not open its own. MySQL has none for changes of the schema: a step
   * that was cut off there runs again from its start, so each of its statements passes over what is there already.
   */
  up(db: Kysely<unknown>, dialect: Dialect): Promise<void>
}
