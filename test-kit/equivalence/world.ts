import type { Log } from './log.ts'
import type { Person } from './person.ts'

/** Who acts in the script, and the ids of what they have made so far, by the script's own names. */
export type World = { log: Log; anna: Person; bob: Person; guest: Person; ids: Record<string, string> }

/** A part of the script. */
export type Step = {
  name: string
  /** Keys in answers whose values may differ from setting to setting, for a good reason. */
  hidden?: readonly string[]
  run(world: World): Promise<void>
}

/** The id that the script keeps under a name. */
export function idOf({ ids }: World, name: string): string {
  const id = ids[name]
  if (id === undefined) throw new Error(`the script has made no "${name}"`)
  return id
}
