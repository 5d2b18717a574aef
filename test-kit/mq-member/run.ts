import { openMq } from '../../src/infra/mq/open.ts'

// A consumer in a process of its own, to be killed: takes one message of group "a" and never ends with it.
const [, , uri = '', topic = ''] = process.argv
const mq = await openMq(uri, { home: '/nowhere' })
await mq.declare([{ topic, groups: ['a', 'b'] }])
await mq.consume(topic, 'a', async (message) => {
  process.stdout.write(`${message.id}\n`)
  await new Promise<never>(() => undefined)
})
