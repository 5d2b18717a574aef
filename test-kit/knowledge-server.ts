import { AppError } from '../src/base/errors.ts'
import type { Actor } from '../src/domain/actor.ts'
import { blobRoutes } from '../src/http/routes/blobs.ts'
import { datasetRoutes } from '../src/http/routes/datasets.ts'
import { documentRoutes } from '../src/http/routes/documents.ts'
import { fileRoutes } from '../src/http/routes/files.ts'
import { imageRoutes } from '../src/http/routes/images.ts'
import { createServer } from '../src/http/server.ts'
import { type TestKnowledgeOptions, testActor, testKnowledge } from './knowledge.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Two people, `anna` and `ben`, before the routes of files and knowledge on real stores. */
export async function knowledgeServer(options: TestKnowledgeOptions & { maxBodyBytes?: number } = {}) {
  const kit = await testKnowledge(options)
  const people: Readonly<Record<string, Actor>> = { anna: testActor(1), ben: testActor(2) }
  const recognise = async (name: string): Promise<Actor> => {
    const actor = people[name.replace('pat_', '')]
    if (actor === undefined) throw new AppError('unauthenticated', 'the token is not valid')
    return actor
  }
  const app = await createServer({
    authenticator: { byToken: recognise, bySession: recognise },
    maxBodyBytes: options.maxBodyBytes ?? 2_000_000,
    routes: [fileRoutes(kit), blobRoutes(kit), datasetRoutes(kit), documentRoutes(kit), imageRoutes(kit)],
  })
  /** One call as a person; resolves with status and the parsed body. */
  const call = async (who: string, method: Method, url: string, payload?: object) => {
    const headers = { authorization: `Bearer pat_${who}`, cookie: `session_key=${who}` }
    const answer = await app.inject({ method, url, headers, ...(payload && { payload }) })
    return { status: answer.statusCode, body: answer.json(), text: answer.body }
  }
  /** Uploads bytes as a form and resolves with the answer's status and parsed body. */
  const upload = async (who: string, name: string, bytes: Uint8Array | string, field = 'file') => {
    const form = new FormData()
    form.append(field, new File([typeof bytes === 'string' ? bytes : new Uint8Array(bytes)], name))
    const request = new Request('http://x/', { method: 'POST', body: form })
    const headers = {
      authorization: `Bearer pat_${who}`,
      'content-type': request.headers.get('content-type') ?? '',
    }
    const payload = Buffer.from(await request.arrayBuffer())
    const answer = await app.inject({ method: 'POST', url: '/v1/files/upload', headers, payload })
    return { status: answer.statusCode, body: answer.json() }
  }
  const dispose = async () => {
    await app.close()
    await kit[Symbol.asyncDispose]()
  }
  return { ...kit, app, call, upload, [Symbol.asyncDispose]: dispose }
}
