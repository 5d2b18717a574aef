/** The constant of reciprocal rank fusion: how little the first ranks stand out. */
const RRF_K = 60

/**
 * Joins rankings by reciprocal rank fusion: the sum of 1/(60 + rank) with ranks from 1, divided by the largest
 * sum there can be, so that what stands first everywhere scores 1. Best first; ties by key, ascending.
 *
 * @param channels Rankings of distinct keys, best first. One that is empty still counts as a channel.
 */
export function fuse(channels: readonly (readonly string[])[]): { key: string; score: number }[] {
  const sums = new Map<string, number>()
  for (const channel of channels)
    for (const [i, key] of channel.entries()) sums.set(key, (sums.get(key) ?? 0) + 1 / (RRF_K + i + 1))
  const largest = channels.length / (RRF_K + 1)
  return [...sums]
    .map(([key, sum]) => ({ key, score: Math.min(1, sum / largest) }))
    .sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1))
}
