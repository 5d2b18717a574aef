import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What changes by looking, or a little later. */
const VOLATILE: ReadonlySet<string> = new Set(['last_used_at_ms', 'hit_count'])

type Row = Record<string, string | null>

/** Every row of every table of a server in lite mode, while it runs or not; numbers as text. */
export function storedRows(home: string): Record<string, Row[]> {
  const db = new DatabaseSync(join(home, 'var/data/sqlite/app.db'), { readOnly: true })
  try {
    const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).all()
    return Object.fromEntries(
      tables.map(({ name }) => {
        const select = db.prepare(`SELECT * FROM "${name}"`)
        select.setReadBigInts(true)
        const rows = select.all().map((row) => {
          const kept = Object.entries(row).filter(([column]) => !VOLATILE.has(column))
          return Object.fromEntries(kept.map(([column, value]) => [column, value === null ? null : String(value)]))
        })
        return [String(name), rows]
      }),
    )
  } finally {
    db.close()
  }
}

/** Everything that is stored, a line each; what two such lists do not share has changed. */
export async function storedLines(home: string): Promise<Set<string>> {
  const rows = Object.entries(storedRows(home)).flatMap(([table, all]) => all.map((row) => table + JSON.stringify(row)))
  return new Set([...rows, ...(await storedFiles(home))])
}

/** The paths of all files in the blob store of a server in lite mode, half-written ones too. */
export async function storedFiles(home: string): Promise<string[]> {
  const folder = join(home, 'var/data/blob')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files.map((path) => path.slice(folder.length + 1)).sort()
}
