import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { debian } from '../obtain/debian.ts'
import type { Place, Server } from '../server.ts'

const addressOf = ({ ports }: Place, database: string) => `postgres://postgres@127.0.0.1:${ports.sql}/${database}`

async function ask(uri: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: uri, connectionTimeoutMillis: 2_000 })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** PostgreSQL refuses to be root, so it runs as its own account there. */
export const postgres: Server = {
  name: 'postgres',
  ports: ['sql'],
  runAs: 'postgres',
  obtain: (progress) => debian('postgresql', ['postgres', 'initdb'], progress, ['/usr/lib/postgresql/*/bin']),

  async prepare({ data, programs, account }) {
    if (existsSync(join(data, 'PG_VERSION'))) return
    const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync']
    await promisify(execFile)(programs.initdb ?? '', args, { cwd: dirname(data), ...account })
  },

  commands: ({ programs, data, ports }) => [
    {
      program: programs.postgres ?? '',
      args: [
        ...['-D', data, '-p', String(ports.sql), '-h', '127.0.0.1', '-k', ''],
        ...['max_connections=300', 'shared_buffers=128MB', 'log_min_messages=warning'].flatMap((x) => ['-c', x]),
        // What is committed outlives the process; only a machine that fails could lose it.
        ...['fsync=off', 'synchronous_commit=on'].flatMap((x) => ['-c', x]),
      ],
    },
  ],

  uri: (place) => addressOf(place, 'test'),

  async probe(place) {
    const admin = addressOf(place, 'postgres')
    const there = await ask(admin, "SELECT 1 FROM pg_database WHERE datname = 'test'")
    if (there.length === 0) await ask(admin, 'CREATE DATABASE test')
    const [row] = await ask(this.uri(place), 'SHOW server_version')
    return String(row?.server_version)
  },

  // ends what runs instead of waiting until every client has gone
  stopSignal: 'SIGINT',
}
