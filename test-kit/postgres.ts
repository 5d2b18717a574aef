import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

const randomName = (): string => `snug_test_${process.pid}_${randomBytes(6).toString('hex')}`

/** Runs one statement beside everything else. */
export async function runOnPostgres(uri: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: uri.replace(/\?.*$/, '') })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

/** A database of its own on the server of that URI; `remove` drops it. It sorts text as English does, unlike Snug. */
export async function postgresDatabase(
  serverUri: string,
): Promise<{ uri: string; name: string; remove(): Promise<unknown> }> {
  const name = randomName()
  const like = "template template0 encoding 'UTF8' locale_provider icu icu_locale 'en-US' locale 'C.UTF-8'"
  await runOnPostgres(serverUri, `create database ${name} ${like}`)
  const uri = serverUri.replace(/^(\w+:\/\/[^/?]*)(?:\/[^?]*)?.*$/, `$1/${name}`)
  return { uri, name, remove: () => runOnPostgres(serverUri, `drop database if exists ${name} with (force)`) }
}

/** A schema of its own, made by the first migration; `remove` drops it with all that is in it. */
export function postgresSchema(databaseUri: string): { uri: string; schema: string; remove(): Promise<unknown> } {
  const schema = randomName()
  const uri = `${databaseUri.replace(/\?.*$/, '')}?schema=${schema}&pool=6`
  return { uri, schema, remove: () => runOnPostgres(databaseUri, `drop schema if exists "${schema}" cascade`) }
}
