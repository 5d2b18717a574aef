import { accessTokenRoutes } from '../src/http/routes/access-tokens.ts'
import { passportRoutes } from '../src/http/routes/passport.ts'
import { spaceRoutes } from '../src/http/routes/spaces.ts'
import { userRoutes } from '../src/http/routes/users.ts'
import { createServer, type Routes } from '../src/http/server.ts'
import { type TestAccountsOptions, testAccounts } from './account.ts'

export type World = Awaited<ReturnType<typeof testAccounts>>

/** The server with accounts and spaces, and `more` routes that are made from them; `await using` ends all of it. */
export async function accountApp(options: TestAccountsOptions & { more?: (world: World) => readonly Routes[] } = {}) {
  const world = await testAccounts(options)
  const own = [passportRoutes(world), accessTokenRoutes(world), spaceRoutes(world), userRoutes(world)]
  const routes = [...own, ...(options.more?.(world) ?? [])]
  const app = await createServer({ authenticator: world.accounts, routes, maxBodyBytes: 16 * 1024 ** 2 })
  const dispose = async () => {
    await app.close()
    await world[Symbol.asyncDispose]()
  }
  return { ...world, app, [Symbol.asyncDispose]: dispose }
}
