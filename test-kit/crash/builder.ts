import { Api } from './api.ts'
import { type Client, change, Fact, Facts, type Journal } from './facts.ts'
import type { Random } from './random.ts'

type Version = { name: string; prompt: string }
type Agent = Version & { online: Version | null }
type Shown = { data: { name: string; prompt_info: { prompt: string } } }
type Owner = { token: string; spaceId: string }

/** Makes agents, changes, publishes, unpublishes and deletes them. */
export function builder(name: string, owner: Owner, random: Random, journal: Journal) {
  const agents = new Facts<Agent>('agent', journal)
  const api = (url: string) => new Api(url, owner)
  const show = async (url: string, id: string, isOnline: boolean): Promise<Version | null> => {
    const found = await api(url).find<Shown>('GET', `/v1/bots/${id}?is_published=${isOnline}`)
    return found && { name: found.data.name, prompt: found.data.prompt_info.prompt }
  }
  const make = async (url: string) => {
    const draft = { name: `agent ${agents.count}`, prompt: prompt(random) }
    const body = { space_id: owner.spaceId, name: draft.name, prompt_info: { prompt: draft.prompt } }
    const { data } = await api(url).call<{ data: { bot_id: string } }>('POST', '/v1/bot/create', body)
    agents.add(new Fact<Agent>(data.bot_id, [{ ...draft, online: null }]))
  }

  const client: Client = {
    name,
    step: async (url) => {
      const agent = agents.pick(random)
      const roll = random.next()
      if (agent?.state == null || roll < 0.2) return make(url)
      const { id, state } = agent
      if (roll < 0.5) {
        const next = { ...state, name: `named ${random.int(0, 9_999)}`, prompt: prompt(random) }
        const body = { bot_id: id, name: next.name, prompt_info: { prompt: next.prompt } }
        await change([[agent, next]], () => api(url).call('POST', '/v1/bot/update', body))
      } else if (roll < 0.8) {
        const next = { ...state, online: { name: state.name, prompt: state.prompt } }
        type Published = { data: { version: string } }
        const publish = () => api(url).call<Published>('POST', '/v1/bot/publish', { bot_id: id })
        journal.born((await change([[agent, next]], publish)).data.version, 'version')
      } else if (roll < 0.9) {
        const next = { ...state, online: null }
        await change([[agent, next]], () => api(url).call('POST', `/v1/bots/${id}/unpublish`, {}))
      } else await change([[agent, null]], () => api(url).call('DELETE', `/v1/bots/${id}`))
    },
    check: (url, which) =>
      agents.check(which, async ({ id }) => {
        const draft = await show(url, id, false)
        return draft && { ...draft, online: await show(url, id, true) }
      }),
  }
  return { ...client, agents }
}

const prompt = (random: Random): string => `Say ${random.int(0, 1e9)}. `.repeat(random.int(1, 40)).trim()
