import type { ServiceName } from '../names.ts'
import { NotToBeHad, type Server } from '../server.ts'

/** A name that tests may ask for and that no package client can fill. */
export function missing(name: ServiceName, reason: string): Server {
  const not = () => {
    throw new NotToBeHad(reason)
  }
  return { name, ports: [], obtain: async () => not(), commands: not, uri: not, probe: async () => not() }
}
