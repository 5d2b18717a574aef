/**
 * Names in NATS. Ours may hold dots, which separate tokens there; "=" is in none of ours, so nothing collides. What
 * belongs to one deployment begins with its prefix.
 */
export type Names = {
  stream(topic: string): string
  subject(topic: string): string
  consumer(group: string): string
  /** One stream for the dead letters of all topics. */
  readonly deadStream: string
  readonly deadSubjects: string
  deadSubject(topic: string, group: string): string
}

export function namesOf(prefix: string): Names {
  const plain = (name: string): string => name.replaceAll('.', '=')
  return {
    stream: (topic) => `${prefix}=${plain(topic)}`,
    subject: (topic) => `${prefix}.topic.${plain(topic)}`,
    consumer: plain,
    deadStream: `${prefix}+dead`,
    deadSubjects: `${prefix}.dead.*.*`,
    deadSubject: (topic, group) => `${prefix}.dead.${plain(topic)}.${plain(group)}`,
  }
}
