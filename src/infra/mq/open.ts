import { parseUri, pickScheme, type Uri } from '../../base/uri.ts'
import type { MqDriver } from './driver.ts'
import { Mq } from './mq.ts'

export type OpenOptions = {
  /** Where relative data paths start. */
  home: string
}

/** Every queue scheme, one line each. Dynamic import: an unused provider costs nothing. */
export const MQ_SCHEMES: Readonly<Record<string, (uri: Uri, options: OpenOptions) => Promise<MqDriver>>> = {
  mem: async (uri) => (await import('./drivers/mem.ts')).open(uri),
  nsq: async (uri) => (await import('./drivers/nsq.ts')).open(uri),
  nats: async (uri) => (await import('./drivers/nats.ts')).open(uri),
}

/** Opens the queue named by a URI such as `mem://`. Throws `invalid_argument`. */
export async function openMq(text: string, options: OpenOptions): Promise<Mq> {
  const uri = parseUri(text)
  return new Mq(await pickScheme(uri, MQ_SCHEMES, 'MQ_URI')(uri, options))
}
