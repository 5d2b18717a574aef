import assert from 'node:assert/strict'
import type { Case } from '../../base/conformance.ts'
import { AppError } from '../../base/errors.ts'
import { type ModelHarness, remoteCases } from './conformance-remote.ts'
import { ask, collect, refuses, textIn } from './conformance-support.ts'
import type { ModelEvent, ModelMessage, ModelRequest, Passage } from './model.ts'

const user = (content: ModelMessage['content']): ModelMessage => ({ role: 'user', content })

const passage = (content: string, documentName = 'handbook.md'): Passage => ({
  chunkId: '1',
  documentId: '2',
  datasetId: '3',
  documentName,
  content,
  score: 0.9,
})
const passages = [passage('The warranty lasts 24 months. It starts on the day of purchase.')]
const question = ask('How long does the warranty last?', { passages })

/** What every provider of answers must keep. */
export const modelCases: readonly Case<ModelHarness>[] = [
  {
    name: 'MODEL-01 an answer is pieces of text and then one finish',
    run: async ({ model }) => {
      const events = await collect(model.stream(question))
      assert.ok(textIn(events).trim().length > 0)
      assert.equal(events.at(-1)?.type, 'finish')
      assert.equal(events.filter((event) => event.type === 'finish').length, 1)
    },
  },
  {
    name: 'MODEL-02 no piece is empty',
    run: async ({ model }) => {
      for (const event of await collect(model.stream(question)))
        if (event.type !== 'finish') assert.notEqual(event.text, '')
    },
  },
  {
    name: 'MODEL-03 reasoning comes before the text that it led to',
    run: async ({ model }) => {
      const kinds = (await collect(model.stream(question))).map((event) => event.type)
      const firstText = kinds.indexOf('text')
      assert.ok(kinds.lastIndexOf('reasoning') < firstText)
    },
  },
  {
    name: 'MODEL-04 usage is counted in whole tokens that add up',
    run: async ({ model }) => {
      const finish = (await collect(model.stream(question))).at(-1)
      assert.ok(finish?.type === 'finish')
      const { inputTokens, outputTokens, totalTokens } = finish.usage
      for (const n of [inputTokens, outputTokens]) assert.ok(Number.isInteger(n) && n > 0, `${n} tokens`)
      assert.equal(totalTokens, inputTokens + outputTokens)
    },
  },
  {
    name: 'MODEL-05 a longer prompt counts more input tokens',
    run: async ({ model }) => {
      const tokens = async (request: ModelRequest) => {
        const finish = (await collect(model.stream(request))).at(-1)
        return finish?.type === 'finish' ? finish.usage.inputTokens : 0
      }
      assert.ok((await tokens(ask(`${'many words '.repeat(200)}?`))) > (await tokens(ask('few words?'))))
    },
  },
  {
    name: 'MODEL-06 a request without a message from the user is refused',
    run: async ({ model }) => {
      for (const messages of [[], [{ role: 'system', content: 'be kind' }], [{ role: 'assistant', content: 'hi' }]])
        await refuses('invalid_argument', () => collect(model.stream({ messages: messages as ModelMessage[] })))
    },
  },
  {
    name: 'MODEL-07 an empty or blank prompt is refused',
    run: async ({ model }) => {
      for (const content of ['', ' \n\t ', [], [{ type: 'text' as const, text: ' ' }]])
        await refuses('invalid_argument', () => collect(model.stream({ messages: [user(content)] })))
    },
  },
  {
    name: 'MODEL-08 bad parameters are refused and named',
    run: async ({ model }) => {
      for (const params of [{ maxTokens: 0 }, { maxTokens: 1.5 }, { temperature: Number.NaN }]) {
        const err = await refuses('invalid_argument', () => collect(model.stream(ask('hi', { params }))))
        assert.match(err.message, new RegExp(Object.keys(params).join()))
      }
    },
  },
  {
    name: 'MODEL-09 a prompt of 200,000 characters is answered or plainly refused',
    run: async ({ model }) => {
      try {
        // a short question at the end, since some answer with what they were asked
        const long = [
          { role: 'user', content: 'word '.repeat(40_000) },
          { role: 'assistant', content: 'I see.' },
        ] as const
        const { messages } = ask('Which word was it?')
        const events = await collect(model.stream({ messages: [...long, ...messages] }))
        assert.equal(events.at(-1)?.type, 'finish')
      } catch (err) {
        assert.ok(err instanceof AppError)
        assert.equal(err.code, 'invalid_argument')
      }
    },
  },
  {
    name: 'MODEL-10 an aborted signal stops before anything is sent',
    run: async ({ model }) => {
      const signal = AbortSignal.abort()
      await refuses('canceled', () => collect(model.stream(question, { signal })))
    },
  },
  {
    name: 'MODEL-11 an abort in the middle ends the stream at once with canceled',
    run: async ({ model, slow }) => {
      const controller = new AbortController()
      const events: ModelEvent[] = []
      await refuses('canceled', async () => {
        for await (const event of (slow ?? model).stream(question, { signal: controller.signal })) {
          events.push(event)
          controller.abort()
        }
      })
      assert.equal(events.length, 1)
    },
  },
  {
    name: 'MODEL-12 an abort while the model is silent is heard within a quarter of a second',
    needs: 'slow',
    run: async ({ slow }) => {
      assert.ok(slow)
      const controller = new AbortController()
      const running = collect(slow.stream(question, { signal: controller.signal }))
      const startedMs = performance.now()
      setTimeout(() => controller.abort(), 20)
      await refuses('canceled', () => running)
      assert.ok(performance.now() - startedMs < 1_500, 'the abort was heard too late')
    },
  },
  {
    name: 'MODEL-13 leaving the loop early stops the answer and leaves the model usable',
    run: async ({ model }) => {
      for await (const event of model.stream(question)) if (event.type === 'text') break
      assert.ok(textIn(await collect(model.stream(question))).length > 0)
    },
  },
  {
    name: 'MODEL-14 a hundred answers at a time do not mix',
    run: async ({ model }) => {
      const answers = await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const only = [passage(`The code of room number ${i} is K${i}K.`)]
          return textIn(await collect(model.stream(ask(`What is the code of room number ${i}?`, { passages: only }))))
        }),
      )
      for (const [i, text] of answers.entries()) {
        const codes = new Set(text.match(/K\d+K/g) ?? [])
        assert.ok(codes.size === 0 || (codes.size === 1 && codes.has(`K${i}K`)), `answer ${i}: ${text}`)
      }
    },
  },
  {
    name: 'MODEL-15 any Unicode passes unharmed',
    run: async ({ model }) => {
      const request = ask('保修期多长？👩‍👩‍👧 ประกัน', {
        passages: [passage('保修期为24个月👩‍👩‍👧。ประกัน', '手册👍.pdf')],
      })
      assert.doesNotMatch(textIn(await collect(model.stream(request))), /\uFFFD/)
    },
  },
  {
    name: 'MODEL-16 history, a system message and images are accepted',
    run: async ({ model }) => {
      const image = { type: 'image' as const, mediaType: 'image/png', data: new Uint8Array([137, 80, 78, 71]) }
      const file = {
        type: 'file' as const,
        mediaType: 'text/plain',
        name: 'a.txt',
        data: new TextEncoder().encode('a'),
      }
      const messages: ModelMessage[] = [
        { role: 'system', content: 'You are the help desk.' },
        { role: 'assistant', content: 'Welcome!' },
        user('Hello'),
        { role: 'assistant', content: 'Yes?' },
        user([{ type: 'text', text: 'What is in it?' }, image, file]),
      ]
      assert.equal((await collect(model.stream({ messages }))).at(-1)?.type, 'finish')
    },
  },
  {
    name: 'MODEL-17 an empty recall is accepted and answered',
    run: async ({ model }) => {
      assert.ok(textIn(await collect(model.stream(ask('What is the capital?', { passages: [] })))).length > 0)
    },
  },
  {
    name: 'MODEL-18 info names the provider and the model',
    run: async ({ model }) => {
      assert.equal(model.info.provider, model.provider)
      assert.ok(model.info.id !== '' && model.info.name !== '')
    },
  },
  {
    name: 'MODEL-19 health says up and names the provider',
    run: async ({ model }) => {
      const health = await model.health()
      assert.equal(health.status, 'up', health.error)
      assert.equal(health.provider, model.provider)
    },
  },
  {
    name: 'MODEL-20 after close every answer is refused and health says down',
    run: async ({ model }) => {
      await model.close()
      await model.close()
      await refuses('closed', () => collect(model.stream(question)))
      assert.equal((await model.health()).status, 'down')
    },
  },
  {
    name: 'MODEL-21 close ends the answers that are running',
    needs: 'slow',
    run: async ({ slow }) => {
      assert.ok(slow)
      const running = collect(slow.stream(question))
      setTimeout(() => void slow.close(), 20)
      await refuses('closed', () => running)
    },
  },
  ...remoteCases,
]
