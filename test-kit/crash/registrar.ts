import { Api } from './api.ts'
import { type Client, change, Fact, Facts, type Journal } from './facts.ts'
import type { Random } from './random.ts'

type Person = { name: string }
type Token = { name: string }
type Session = { alive: true }
type User = { data: { user_id_str: string; name: string } }
type NewToken = { data: { token: string; personal_access_token: { id: string } } }
type OneToken = { data: { personal_access_token: { name: string } } }

const PAT = '/api/permission_api/pat'
const GONE = [401, 404]

class PersonFact extends Fact<Person> {
  readonly email: string
  readonly password: string
  /** The session that began with the registration. */
  readonly session: Fact<Session> & { cookie: string }

  constructor(id: string, person: Person, login: { email: string; password: string; cookie: string }) {
    super(id, [person])
    this.email = login.email
    this.password = login.password
    this.session = Object.assign(new Fact<Session>(`session of ${id}`, [{ alive: true }]), { cookie: login.cookie })
  }
}

class TokenFact extends Fact<Token> {
  readonly secret: string
  readonly person: PersonFact

  constructor(id: string, token: Token, secret: string, person: PersonFact) {
    super(id, [token])
    this.secret = secret
    this.person = person
  }
}

/** Makes accounts and tokens, renames and deletes them, logs in and out. */
export function registrar(name: string, random: Random, journal: Journal) {
  const people = new Facts<Person, PersonFact>('account', journal)
  const tokens = new Facts<Token, TokenFact>('access token', journal)
  const sessions = new Facts<Session, PersonFact['session']>('session', journal)
  let attempts = 0
  const sessionOf = ({ session }: PersonFact) => (session.state?.alive === true ? session.cookie : undefined)
  const isLoggedIn = (person: PersonFact) => sessionOf(person) !== undefined
  const asPerson = (url: string, person: PersonFact) => new Api(url, { cookie: person.session.cookie })

  const register = async (url: string) => {
    const login = { email: `${name}-${++attempts}@example.org`, password: `a password ${attempts}` }
    const path = '/api/passport/web/email/register/v2/'
    const { body, cookie } = await new Api(url).logIn<User>(path, login)
    const person = new PersonFact(body.data.user_id_str, { name: body.data.name }, { ...login, cookie })
    people.add(person)
    sessions.add(person.session)
  }
  const makeToken = async (url: string, person: PersonFact) => {
    const token = { name: `token ${tokens.count}` }
    const path = `${PAT}/create_personal_access_token_and_permission`
    const { data } = await asPerson(url, person).call<NewToken>('POST', path, { ...token, duration_day: 'permanent' })
    tokens.add(new TokenFact(data.personal_access_token.id, token, data.token, person))
  }

  const client: Client = {
    name,
    step: async (url) => {
      const person = people.pick(random, isLoggedIn)
      const token = tokens.pick(random, (fact) => isLoggedIn(fact.person))
      const roll = random.next()
      if (person === undefined || roll < 0.12) return register(url)
      if (token === undefined || roll < 0.4) return makeToken(url, person)
      const api = asPerson(url, token.person)
      if (roll < 0.55) {
        const next = { name: `renamed ${random.int(0, 999)}` }
        const path = `${PAT}/update_personal_access_token_and_permission`
        await change([[token, next]], () => api.call('POST', path, { id: token.id, ...next }))
      } else if (roll < 0.75) {
        const path = `${PAT}/delete_personal_access_token_and_permission`
        await change([[token, null]], () => api.call('POST', path, { id: token.id }))
      } else if (roll < 0.95) {
        const next = { name: `person ${random.int(0, 999)}` }
        await change([[person, next]], () => asPerson(url, person).call('POST', '/api/user/update_profile', next))
      } else {
        const out = () => asPerson(url, person).call('GET', '/api/passport/web/logout/')
        await change([[person.session, null]], out)
      }
    },
    check: async (url, which) => {
      await sessions.check(which, async ({ cookie }) => {
        const user = await new Api(url, { cookie }).find<User>('POST', '/api/passport/account/info/v2/', {}, GONE)
        return user === null ? null : { alive: true }
      })
      await people.check(which, async (person) => {
        if (isLoggedIn(person)) {
          const user = await asPerson(url, person).call<User>('POST', '/api/passport/account/info/v2/', {})
          return { name: user.data.name }
        }
        const { email, password } = person
        const { body } = await new Api(url).logIn<User>('/api/passport/web/email/login/', { email, password })
        return { name: body.data.name }
      })
      await tokens.check(which, async (token) => {
        const me = await new Api(url, { token: token.secret }).find('GET', '/v1/users/me', undefined, GONE)
        if (!isLoggedIn(token.person))
          return me === null ? null : (token.states.find((state) => state !== null) ?? null)
        const path = `${PAT}/get_personal_access_token_and_permission?id=${token.id}`
        const listed = await asPerson(url, token.person).find<OneToken>('GET', path)
        if ((me === null) !== (listed === null)) journal.complain(`token ${token.id} works and does not exist, or so`)
        return listed === null ? null : { name: listed.data.personal_access_token.name }
      })
    },
  }
  return { ...client, people, tokens }
}
