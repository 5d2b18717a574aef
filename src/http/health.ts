import { z } from 'zod'
import type { Health } from '../base/health.ts'
import type { Routes } from './server.ts'

/** What `/readyz` reports: every provider under the name of its capability. */
export type Readiness = { ready: boolean; providers: Readonly<Record<string, Health>> }

const ProviderHealth = z.object({
  status: z.enum(['up', 'degraded', 'down']),
  provider: z.string(),
  engine: z.string().optional(),
  latency_ms: z.number(),
  checks: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  error: z.string().optional(),
})
const Ready = z.object({ status: z.enum(['ready', 'not_ready']), providers: z.record(z.string(), ProviderHealth) })

/** `/healthz`: the process answers. `/readyz`: every provider answers, with what each says; 503 otherwise. */
export const healthRoutes =
  (readiness: () => Promise<Readiness>): Routes =>
  (app) => {
    app.get(
      '/healthz',
      {
        config: { public: true },
        schema: {
          operationId: 'getHealth',
          tags: ['operations'],
          summary: 'Whether the process answers',
          response: { 200: z.object({ status: z.literal('ok') }) },
        },
      },
      async () => ({ status: 'ok' as const }),
    )
    app.get(
      '/readyz',
      {
        config: { public: true },
        schema: {
          operationId: 'getReadiness',
          tags: ['operations'],
          summary: 'Whether every provider answers',
          response: { 200: Ready, 503: Ready },
        },
      },
      async (_request, reply) => {
        const { ready, providers } = await readiness()
        const entries = Object.entries(providers).map(([name, health]) => {
          const { latencyMs, ...rest } = health
          const checks = Object.fromEntries(Object.entries(health.checks).map(([fact, value]) => [snake(fact), value]))
          return [name, { ...rest, latency_ms: latencyMs, checks }] as const
        })
        return reply
          .code(ready ? 200 : 503)
          .send({ status: ready ? 'ready' : 'not_ready', providers: Object.fromEntries(entries) })
      },
    )
  }

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
