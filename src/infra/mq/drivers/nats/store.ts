import { JetStreamApiError } from '@nats-io/jetstream'
import type { Msg } from '@nats-io/transport-node'

type Answer = { stream?: string; error?: { code: number; err_code: number; description: string } }

/** Reads a stream's answer to a message: nothing when it has stored it. Throws what it says otherwise. */
export function checkStored(answer: Msg): void {
  const { stream, error } = answer.json<Answer>()
  if (error !== undefined) throw new JetStreamApiError(error)
  if (stream === undefined) throw new Error('nats: the answer to a message is no acknowledgement')
}
