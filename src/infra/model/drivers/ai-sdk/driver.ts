import { isKeyRefused } from '../../../../base/endpoint.ts'
import { AppError, codeOf } from '../../../../base/errors.ts'
import type { ModelDriver } from '../../driver.ts'
import { type Endpoint, streamAnswer } from './answer.ts'

export type RemoteModel = Endpoint & {
  provider: string
  model: string
  vision: boolean
  /** A call that costs nothing and says whether the endpoint is there. */
  probe: { url: string; headers: Record<string, string> }
}

/** `fetch` for an SDK. A redirect would turn the POST into a GET, or send the key elsewhere, so none is followed. */
export const fetchWithoutRedirect: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'manual' })

/** The driver of a model behind a wire. Nothing is sent before the first question. */
export function remoteModel(remote: RemoteModel): ModelDriver {
  const { provider, model, vision, probe } = remote
  return {
    info: { provider, id: model, name: model },
    features: new Set(vision ? ['vision'] : []),
    stream: (request, signal) => streamAnswer(remote, request, signal),
    health: async (signal) => {
      const response = await fetch(probe.url, { signal, redirect: 'manual', headers: probe.headers })
      const body = response.ok ? '' : await response.text()
      await response.body?.cancel().catch(() => undefined)
      if (response.status !== 403 && isKeyRefused(response.status, body))
        throw new AppError('unauthenticated', 'the model endpoint refuses the key')
      if (response.status >= 500) throw new AppError('unavailable', `the model endpoint answers ${response.status}`)
      return { status: 'up', checks: { model, vision } }
    },
    codeOf,
    close: async () => undefined,
  }
}
