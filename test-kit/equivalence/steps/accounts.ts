import type { Person } from '../person.ts'
import type { Step } from '../world.ts'

const PASSPORT = '/api/passport/web/email'
const PAT = '/api/permission_api/pat'
/** The smallest picture there is. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

async function newToken(
  person: Person,
  name: string,
  duration_day = 'permanent',
): Promise<{ id: string; token: string }> {
  const path = `${PAT}/create_personal_access_token_and_permission`
  const { data } = await person.post(path, { name, duration_day })
  return { id: data.personal_access_token.id, token: data.token }
}

export const accountSteps: readonly Step[] = [
  {
    name: 'people register',
    run: async (world) => {
      const { anna, bob, guest, ids } = world
      const register = `${PASSPORT}/register/v2/`
      await anna.post(register, { email: 'Anna@Example.org', password: 'anna has a password' })
      await bob.post(register, { email: 'bob@example.org', password: 'bob has a password' })
      await guest.post(register, { email: 'ANNA@example.org', password: 'another password' })
      await guest.post(register, { email: 'no address', password: 'another password' })
      await guest.post(register, { email: 'carl@example.org', password: 'short' })
      for (const [name, person] of [['anna', anna] as const, ['bob', bob] as const]) {
        person.token = (await newToken(person, `${name}'s token`)).token
        const { data } = await person.get('/v1/workspaces')
        ids[`${name}'s space`] = data.workspaces[0].id
      }
    },
  },
  {
    name: 'people log in and out',
    run: async ({ bob, guest }) => {
      const login = `${PASSPORT}/login/`
      await guest.post(login, { email: 'bob@example.org', password: 'not his password' })
      await guest.post(login, { email: 'nobody@example.org', password: 'not his password' })
      await guest.post(login, { email: 'BOB@example.org', password: 'bob has a password' })
      await guest.post('/api/passport/account/info/v2/', {})
      await guest.post('/api/passport/web/logout/', {})
      await guest.post('/api/passport/account/info/v2/', {})
      guest.cookie = ''
      await bob.post('/api/passport/account/info/v2/', {})
    },
  },
  {
    name: 'profiles',
    run: async ({ anna, bob }) => {
      await anna.post('/api/user/update_profile', {
        name: 'Änna 🐘',
        user_unique_name: 'anna_1',
        description: 'Größe',
        locale: 'de-DE',
      })
      await bob.post('/api/user/update_profile', { user_unique_name: 'ANNA_1' })
      await bob.post('/api/user/update_profile', { user_unique_name: 'bob' })
      await anna.upload('/api/web/user/update/upload_avatar/', 'avatar', 'me.png', PNG)
      const { data } = await anna.post('/api/passport/account/info/v2/', {})
      await anna.follow(data.avatar_url)
      await anna.get('/v1/users/me')
      await anna.post('/api/playground_api/space/list', {})
    },
  },
  {
    name: 'access tokens',
    run: async ({ anna, bob, guest }) => {
      const first = await newToken(anna, 'one', '1')
      const second = await newToken(anna, 'two', '30')
      await anna.get(`${PAT}/list_personal_access_tokens`, { page: '1', size: '2' })
      await anna.get(`${PAT}/list_personal_access_tokens`, { page: '2', size: '2' })
      await anna.post(`${PAT}/update_personal_access_token_and_permission`, { id: first.id, name: 'first' })
      await anna.get(`${PAT}/get_personal_access_token_and_permission`, { id: first.id })
      await bob.get(`${PAT}/get_personal_access_token_and_permission`, { id: first.id })
      guest.token = second.token
      await guest.get('/v1/users/me')
      await anna.post(`${PAT}/delete_personal_access_token_and_permission`, { id: second.id })
      await guest.get('/v1/users/me')
      guest.token = 'pat_wrong'
      await guest.get('/v1/users/me')
      guest.token = ''
      await guest.get('/v1/users/me')
    },
  },
]
