/** The version that a server of Elasticsearch's kind tells, once its cluster works. Throws as long as it does not. */
export async function searchVersion(port: number | undefined): Promise<string> {
  const base = `http://127.0.0.1:${port}`
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${base}${path}`, { signal: AbortSignal.timeout(10_000) })
    if (!answer.ok) throw new Error(`${answer.status} from ${path}`)
    return answer.json()
  }
  const health = (await ask('/_cluster/health')) as { status: string }
  if (health.status === 'red') throw new Error('the cluster is red')
  const { version } = (await ask('/')) as { version: { number: string } }
  return version.number
}

/** One gibibyte at most, and no more threads for collecting garbage than a small machine has to spare. */
export const MEMORY = ['-Xms256m', '-Xmx1g', '-XX:+UseSerialGC']
