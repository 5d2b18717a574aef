import type { Health } from '../../../../base/health.ts'
import type { Flavor, Http } from './http.ts'

type ClusterHealth = { status: string; number_of_data_nodes: number; unassigned_shards: number }
type Stats = { _all?: { primaries?: { docs?: { count?: number }; store?: { size_in_bytes?: number } } } }
type Settings = Record<string, { settings?: { index?: { blocks?: Record<string, string> } } }>
type Allocation = { 'disk.percent': string | null }[]

/** From here on the server puts no more shards on a disk, and shuts indexes for writing at 95. */
const FULL_PERCENT = 90

/** Facts of the cluster, and what is wrong with it in words. */
export async function healthOf(
  http: Http,
  docs: string,
  flavor: Flavor,
  waiting: number,
): Promise<Omit<Health, 'provider' | 'latencyMs'>> {
  const limits = { timeoutMs: 1_500, retries: 0 }
  const [cluster, stats, settings, allocation] = await Promise.all([
    // It waits for an index that is not there.
    http.call<ClusterHealth>('GET', `/_cluster/health/${docs}`, { ...limits, expect: [408], query: { timeout: '1s' } }),
    http.call<Stats>('GET', `/${docs}/_stats/docs,store`, { ...limits, expect: [404] }),
    http.call<Settings>('GET', `/${docs}/_settings/index.blocks.*`, { ...limits, expect: [404] }),
    // A user who may use the index only, may not see this.
    http.call<Allocation>('GET', '/_cat/allocation', { ...limits, expect: [401, 403], query: { format: 'json' } }),
  ])
  const { status, number_of_data_nodes, unassigned_shards } = cluster.body
  const disks = Array.isArray(allocation.body) ? allocation.body : []
  const usedPercent = Math.max(0, ...disks.map((node) => Number(node['disk.percent'] ?? 0)))
  const blocks = Object.values(settings.body).flatMap((index) => Object.entries(index.settings?.index?.blocks ?? {}))
  const closed = blocks.flatMap(([name, on]) => (on === 'true' ? [name] : []))
  const wrong = [
    ...(status === 'red' && stats.status !== 404 ? ['the cluster is red: documents are missing'] : []),
    ...(status === 'yellow' ? ['the cluster is yellow: a copy of the index has no place'] : []),
    ...(stats.status === 404 ? ['the index is gone'] : []),
    ...(closed.length > 0 ? [`the index is blocked (${closed.sort().join(', ')})`] : []),
    ...(usedPercent >= FULL_PERCENT ? [`a disk is ${usedPercent} % full`] : []),
  ]
  return {
    status: wrong.length === 0 ? 'up' : 'degraded',
    engine: `${flavor.engine} ${flavor.version}`,
    checks: {
      cluster: status,
      nodes: number_of_data_nodes,
      unassignedShards: unassigned_shards,
      diskUsedPercent: usedPercent,
      documents: stats.body._all?.primaries?.docs?.count ?? 0,
      sizeBytes: stats.body._all?.primaries?.store?.size_in_bytes ?? 0,
      writesWaiting: waiting,
    },
    ...(wrong.length === 0 ? {} : { error: wrong.join('; ') }),
  }
}
