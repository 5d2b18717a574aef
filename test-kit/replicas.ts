import type { CozeAPI } from '@coze/api'
import { registerUser, type TestUser } from './account.ts'
import { type Deployment, deploy, type External } from './external.ts'
import { type RoundRobin, roundRobin } from './round-robin.ts'
import { cozeOf } from './sdk.ts'
import { startServer, type TestServer, type TestServerOptions } from './server.ts'

export type Replicas = AsyncDisposable & {
  deployment: Deployment
  proxy: RoundRobin
  servers: TestServer[]
  /** Its owner, and the official SDK through the proxy. */
  user: TestUser
  coze: CozeAPI
  /** One more process of the same deployment; `proxy` does not know it yet. */
  start(options?: TestServerOptions): Promise<TestServer>
}

/** Server processes on one set of external servers, behind a proxy that gives each request to the next. */
export async function startReplicas(choice: External, each: readonly TestServerOptions[]): Promise<Replicas> {
  const deployment = await deploy(choice)
  const proxy = await roundRobin()
  const servers: TestServer[] = []
  const start = async ({ env, ...options }: TestServerOptions = {}) => {
    const common = { ALLOW_REGISTRATION: '1', PUBLIC_URL: proxy.url }
    const server = await startServer({ ...options, env: { ...deployment.env, ...common, ...env } })
    servers.push(server)
    return server
  }
  const dispose = async () => {
    for (const server of servers) await server[Symbol.asyncDispose]()
    await proxy[Symbol.asyncDispose]()
    await deployment[Symbol.asyncDispose]()
  }
  try {
    await Promise.all(each.map((options) => start(options)))
    proxy.setTargets(servers.map(({ url }) => url))
    const user = await registerUser(proxy.url, 'owner')
    const coze = cozeOf(proxy.url, user.token)
    return { deployment, proxy, servers, user, coze, start, [Symbol.asyncDispose]: dispose }
  } catch (err) {
    await dispose()
    throw err
  }
}
