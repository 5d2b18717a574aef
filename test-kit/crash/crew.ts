import { registerUser } from '../account.ts'
import { Api } from './api.ts'
import { builder } from './builder.ts'
import type { Client, Journal } from './facts.ts'
import { librarian } from './librarian.ts'
import type { Random } from './random.ts'
import { registrar } from './registrar.ts'
import { talker } from './talker.ts'
import { uploader } from './uploader.ts'

/** Everyone who uses the server, set up on a fresh one that must stay alive meanwhile. */
export async function hireCrew(url: string, random: Random, journal: Journal) {
  const owner = await registerUser(url, 'owner')
  const api = new Api(url, owner)
  const dataset = { name: 'what the agent knows', space_id: owner.spaceId, format_type: 0 }
  const { data: known } = await api.call<{ data: { dataset_id: string } }>('POST', '/v1/datasets', dataset)
  const publish = async (name: string, knowledge: object) => {
    const body = { space_id: owner.spaceId, name, ...knowledge }
    const { data } = await api.call<{ data: { bot_id: string } }>('POST', '/v1/bot/create', body)
    await api.call('POST', '/v1/bot/publish', data)
    return data.bot_id
  }
  const agentIds = [
    await publish('plain', {}),
    await publish('reader', { knowledge: { dataset_ids: [known.dataset_id] } }),
  ]
  const readers = ['lena', 'lars'].map((name) => librarian(name, owner, random.fork(), journal))
  const talkers = ['tilda', 'tom'].map((name) => talker(name, { ...owner, agentIds }, random.fork(), journal))
  const loader = uploader('ulla', owner, random.fork(), journal)
  const clerk = registrar('rita', random.fork(), journal)
  const maker = builder('bert', owner, random.fork(), journal)
  const clients: readonly Client[] = [...readers, ...talkers, loader, clerk, maker]
  return { owner, clients, readers, talkers, loader, clerk, maker, agentIds }
}
export type Crew = Awaited<ReturnType<typeof hireCrew>>

/** Asks an agent that knows every dataset for the words of some documents, and tells which it does not find. */
export async function unrecalled(crew: Crew, url: string, random: Random): Promise<string[]> {
  const api = new Api(url, crew.owner)
  const dataset_ids = crew.readers.flatMap(({ datasets }) => datasets.live.map(({ id }) => id)).slice(0, 50)
  const bot_id = crew.agentIds[1]
  await api.call('POST', '/v1/bot/update', { bot_id, knowledge: { dataset_ids } })
  await api.call('POST', '/v1/bot/publish', { bot_id })
  const documents = crew.readers
    .flatMap((reader) => reader.documents.live)
    .filter((one) => !one.isBroken && dataset_ids.includes(one.datasetId))
  const problems: string[] = []
  for (let left = Math.min(5, documents.length); left > 0; left--) {
    const document = random.pick(documents)
    const content = `What is ${document?.word}?`
    const additional_messages = [{ role: 'user', content, content_type: 'text' }]
    let recalled = ''
    for await (const { event, data } of api.events('/v3/chat', {
      bot_id,
      user_id: 'u',
      stream: true,
      additional_messages,
    }))
      if (event === 'conversation.message.completed' && data.type === 'verbose') recalled += String(data.content)
    if (!recalled.includes(String(document?.id))) problems.push(`"${content}" does not recall document ${document?.id}`)
  }
  return problems
}
