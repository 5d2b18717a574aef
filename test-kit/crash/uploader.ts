import { createHash } from 'node:crypto'
import { Api } from './api.ts'
import { type Client, Fact, Facts, type Journal } from './facts.ts'
import type { Random } from './random.ts'

type File = { name: string; bytes: number; hash: string }
type Answer = { data: { id: string; bytes: number; file_name: string; url: string } }

const SIZES = [1, 300, 5_000, 40_000, 40_000, 250_000]
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Uploads files, some of them so slowly that a kill meets them half-way. */
export function uploader(name: string, owner: { token: string }, random: Random, journal: Journal) {
  const files = new Facts<File>('file', journal)
  const api = (url: string) => new Api(url, owner)
  const client: Client = {
    name,
    step: async (url) => {
      const content = noise(random.pick(SIZES) ?? 1, random)
      const fileName = `upload ${files.count}.bin`
      const pieces = random.int(1, 6)
      const answer = await api(url).upload<Answer>(fileName, cut(content, pieces), random.chance(0.4) ? 8 : 0)
      files.add(new Fact<File>(answer.data.id, [{ name: fileName, bytes: content.length, hash: hashOf(content) }]))
    },
    check: (url, which) =>
      files.check(which, async ({ id }) => {
        const found = await api(url).find<Answer>('GET', `/v1/files/retrieve?file_id=${id}`)
        if (found === null) return null
        const bytes = await api(url).bytes(found.data.url)
        return { name: found.data.file_name, bytes: found.data.bytes, hash: hashOf(bytes) }
      }),
  }
  return { ...client, files }
}

function noise(length: number, random: Random): Uint8Array {
  const block = Uint8Array.from({ length: Math.min(length, 997) }, () => random.int(0, 255))
  return Uint8Array.from({ length }, (_, i) => block[i % block.length] ?? 0)
}

function cut(bytes: Uint8Array, count: number): Uint8Array[] {
  const size = Math.ceil(bytes.length / count)
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}
