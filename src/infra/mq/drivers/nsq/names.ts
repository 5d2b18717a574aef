import { createHash } from 'node:crypto'

const MAX = 64
const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)

/** Names in nsqd have 64 characters at most. What belongs to one deployment begins with its prefix. */
export type Names = {
  topic(topic: string): string
  /** The topic with a group's dead letters. */
  dead(topic: string, group: string): string
}

/** The one channel of a topic with dead letters. */
export const LETTERS = 'letters'

export function namesOf(prefix: string): Names {
  return {
    topic: (topic) => {
      const name = `${prefix}.${topic}`
      return name.length <= MAX ? name : `${name.slice(0, MAX - 13)}.${hash(name)}`
    },
    // The hash tells "a.b" and "c" from "a" and "b.c".
    dead: (topic, group) => `${`${prefix}.dead.${topic}.${group}`.slice(0, MAX - 13)}.${hash(`${topic}/${group}`)}`,
  }
}
