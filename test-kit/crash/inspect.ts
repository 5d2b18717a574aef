import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import { openBlob } from '../../src/infra/blob/open.ts'
import { openSearch } from '../../src/infra/search/open.ts'
import type { Search } from '../../src/infra/search/search.ts'

type Row = Record<string, string | number | null>

/** The application's tables, read beside the server or after it. Ids and counts come as text and numbers. */
export function readTables(home: string): { all(query: string): Row[]; count(query: string): number; close(): void } {
  const db = new DatabaseSync(join(home, 'var/data/sqlite/app.db'), { readOnly: true })
  const all = (query: string) => {
    const statement = db.prepare(query)
    statement.setReadBigInts(true)
    const plain = (value: unknown) => (typeof value === 'bigint' ? String(value) : (value as string | null))
    return statement.all().map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, plain(v)])))
  }
  return { all, count: (query) => Number(Object.values(all(query)[0] ?? {})[0]), close: () => db.close() }
}

const KNOWN_FILES =
  /^(blob\/\.(owner\.lock|owner\.pid|secret)|blob\/files\+|blob\/knowledge\+|blob\/avatar\+|badger\/|sqlite\/app\.db|duckdb\/search\.db)/
const TEMPORARY = /(^|\/)\.(write|secret-)|\.tmp(\/|$)|-journal$/

/** Where DuckDB puts what does not fit its memory while it runs. */
const SPILLED = /^duckdb\/search\.db\.tmp\//

/** Files under the data folder that nobody will ever look at again. */
export async function leftovers(home: string, { isRunning = false } = {}): Promise<string[]> {
  const folder = join(home, 'var/data')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name).slice(folder.length + 1))
  return files.filter((file) => (TEMPORARY.test(file) || !KNOWN_FILES.test(file)) && !(isRunning && SPILLED.test(file)))
}

/** Everything in the data of a server that has ended which contradicts itself. */
export async function contradictions(home: string, words: ReadonlyMap<string, string>): Promise<string[]> {
  const tables = readTables(home)
  const search = await openSearch('duckdb://./var/data/duckdb/search.db', { home })
  const blob = await openBlob('file://./var/data/blob', { home, publicUrl: () => 'http://snug.test' })
  try {
    const blobs = new Map<string, number>()
    for await (const { key, sizeBytes } of blob.listAll('')) blobs.set(key, sizeBytes)
    return [
      ...compareBlobs(tables.all, blobs),
      ...brokenReferences(tables.all),
      ...(await compareIndex(tables.all, search)),
      ...(await findWords(tables.all, search, words)),
      ...(await leftovers(home)).map((file) => `the file ${file} was left behind`),
    ]
  } finally {
    await blob.close()
    await search.close()
    tables.close()
  }
}

type All = (query: string) => Row[]

function compareBlobs(all: All, blobs: ReadonlyMap<string, number>): string[] {
  const named = new Map<string, number>()
  for (const table of ['file', 'document'])
    for (const row of all(`SELECT blob_key, size_bytes FROM ${table}`))
      named.set(String(row.blob_key), Number(row.size_bytes))
  return [
    ...[...named].filter(([key, size]) => blobs.get(key) !== size).map(([key]) => `the blob ${key} is missing or cut`),
    ...[...blobs.keys()].filter((key) => !named.has(key)).map((key) => `no row names the blob ${key}`),
  ]
}

/** Queries that must find nothing. */
const NOTHING: Readonly<Record<string, string>> = {
  'a chat is still running': `SELECT id FROM chat WHERE status NOT IN ('completed', 'failed', 'canceled') OR running_in_conversation_id IS NOT NULL`,
  'an event still waits or was given up': 'SELECT id, topic, dead_reason FROM outbox',
  'a blob is still expected': 'SELECT blob_key FROM pending_blob',
  'a document has not ended': 'SELECT id, status FROM document WHERE status NOT IN (1, 9)',
  'a document failed without a reason': `SELECT id FROM document WHERE status = 9 AND status_reason = ''`,
  'a document has other chunks than it says': `SELECT d.id, d.chunk_count, count(c.id) AS chunks, max(c.position) AS last FROM document d
    LEFT JOIN chunk c ON c.document_id = d.id GROUP BY d.id
    HAVING d.chunk_count <> count(c.id) OR coalesce(max(c.position), -1) <> count(c.id) - 1`,
  'a document has no dataset': 'SELECT id FROM document WHERE dataset_id NOT IN (SELECT id FROM dataset)',
  'a chunk has no document': 'SELECT id FROM chunk WHERE document_id NOT IN (SELECT id FROM document)',
  'a message has no conversation': 'SELECT id FROM message WHERE conversation_id NOT IN (SELECT id FROM conversation)',
  'a chat has no conversation': 'SELECT id FROM chat WHERE conversation_id NOT IN (SELECT id FROM conversation)',
  'a chat has no question': `SELECT id FROM chat WHERE status = 'completed' AND id NOT IN (SELECT chat_id FROM message WHERE type = 'answer')`,
  'an account has no space': 'SELECT id FROM account WHERE id NOT IN (SELECT account_id FROM space_member)',
  'a version is online that is not there': `SELECT id FROM agent WHERE published_version_id IS NOT NULL
    AND published_version_id NOT IN (SELECT id FROM agent_version)`,
  'an id was given twice': `SELECT id, count(*) AS times FROM (${[
    ...['account', 'access_token', 'space', 'agent', 'agent_version', 'file', 'dataset', 'document', 'chunk'],
    ...['conversation', 'message', 'chat'],
  ]
    .map((table) => `SELECT id FROM ${table}`)
    .join(' UNION ALL ')}) GROUP BY id HAVING count(*) > 1`,
}

const brokenReferences = (all: All): string[] =>
  Object.entries(NOTHING).flatMap(([what, query]) => all(query).map((row) => `${what}: ${JSON.stringify(row)}`))

/** Every index holds exactly the chunks of its dataset, and there is none of a dataset that is gone. */
async function compareIndex(all: All, search: Search): Promise<string[]> {
  const problems: string[] = []
  const datasets = new Set(all('SELECT id FROM dataset').map((row) => `dataset_${row.id}`))
  const chunks = Map.groupBy(
    all('SELECT id, dataset_id, document_id, content FROM chunk'),
    (row) => `dataset_${row.dataset_id}`,
  )
  const indexes = (await search.indexes()).map(({ name }) => name)
  for (const index of indexes) if (!datasets.has(index)) problems.push(`the index ${index} has no dataset`)
  for (const [index, rows] of chunks) {
    if (!indexes.includes(index)) {
      problems.push(`there are ${rows.length} chunks and no index ${index}`)
      continue
    }
    const wanted = new Map(rows.map((row) => [row.id, row]))
    for await (const { id, fields, vector } of search.scan(index)) {
      const row = wanted.get(id)
      if (row === undefined)
        problems.push(`the index ${index} holds ${id}, of document ${fields.document_id}, which is no chunk`)
      else if (
        row.document_id !== fields.document_id ||
        !String(fields.content).endsWith(String(row.content)) ||
        vector === undefined
      )
        problems.push(`the index ${index} holds something else as ${id}`)
      wanted.delete(id)
    }
    for (const id of wanted.keys()) problems.push(`the index ${index} lacks the chunk ${id}`)
  }
  for (const index of indexes.filter((name) => !chunks.has(name)))
    if ((await search.count(index)) > 0) problems.push(`the index ${index} of a dataset without chunks is not empty`)
  return problems
}

/** Every document is found by its own word, and by nothing else. */
async function findWords(all: All, search: Search, words: ReadonlyMap<string, string>): Promise<string[]> {
  const problems: string[] = []
  for (const [documentId, chunks] of Map.groupBy(all('SELECT * FROM chunk'), (row) => String(row.document_id))) {
    const word = words.get(documentId)
    if (word === undefined) continue
    const expected = chunks.filter(({ content }) => String(content).includes(word)).map(({ id }) => id)
    const request = { text: { query: word }, limit: 1_000 }
    const { hits } = await search.search(`dataset_${chunks[0]?.dataset_id}`, request)
    const isRight = isDeepStrictEqual(hits.map(({ id }) => id).sort(), expected.sort()) && hits.length > 0
    if (!isRight)
      problems.push(`"${word}" finds ${hits.length} chunks, document ${documentId} has it in ${expected.length}`)
  }
  return problems
}
