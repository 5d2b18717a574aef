const FORM =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i
const MIN_MS = Date.UTC(1000, 0, 1)
const MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const zoneMs = (zone: string | undefined): number => {
  if (zone === undefined || /z/i.test(zone)) return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}

/**
 * `YYYY-MM-DD HH:MM:SS` in UTC of a `Date`, epoch milliseconds, or text (`-` or `/`, time and zone optional; parts of
 * a second are cut off). null for the year 1, which templates use for "no date"; undefined for anything else and for
 * times outside the years 1000…9999.
 */
export function toTimestamp(value: unknown): string | null | undefined {
  if (value instanceof Date) return format(value.getTime())
  if (typeof value === 'number' || typeof value === 'bigint') return format(Number(value))
  if (typeof value !== 'string') return undefined
  const found = FORM.exec(value.trim())
  if (found === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(ms)
  if (year > 99 && (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day)) return undefined
  return year === 1 ? null : format(year < 1000 ? Number.NaN : ms - zoneMs(found[7]))
}

function format(ms: number): string | undefined {
  if (!(ms >= MIN_MS && ms <= MAX_MS)) return undefined
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
