import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sql } from 'kysely'
import { mysqlDatabase } from '../../../test-kit/mysql.ts'
import { service } from '../../../test-kit/services.ts'
import { idGenerator } from '../../base/ids.ts'
import { migrate } from '../db/migrate.ts'
import { openDatabase } from '../db/open.ts'
import { openSqlParser } from '../sqlparser/open.ts'
import { Tables } from './tables.ts'

const { uri: server = '', skip } = service('mariadb')

async function world() {
  const { uri, remove } = await mysqlDatabase(server)
  const database = await openDatabase(uri, { home: '/nowhere' })
  await migrate(database)
  const parser = await openSqlParser('mysql')
  let laterMs = 0
  const clock = () => Date.now() + laterMs
  const tables = new Tables({ database, parser, newId: idGenerator(Date.now, 1), clock })
  const { db } = database
  return {
    ...{ database, db, tables },
    wait: (ms: number) => {
      laterMs += ms
    },
    notes: () => db.selectFrom('user_table_change').selectAll().execute(),
    columns: async (id: string) =>
      (
        await sql<{ name: string }>`select column_name as name from information_schema.columns
          where table_schema = database() and table_name = ${`user_table_${id}`} and column_name like 'f%'`.execute(db)
      ).rows.length,
    [Symbol.asyncDispose]: async () => {
      await database.close()
      await remove()
    },
  }
}

/** Takes the schema from one change, as a server that dies before it would. */
async function left(kit: Awaited<ReturnType<typeof world>>, work: () => Promise<unknown>): Promise<void> {
  const { database } = kit
  const onEnd = database.onEnd.bind(database)
  database.onEnd = () => undefined
  try {
    await work()
  } finally {
    database.onEnd = onEnd
  }
}

const COLUMN = { name: 'v', type: 'text' } as const
const ADD = { op: 'add_column', column: { name: 'n', type: 'int', required: true } } as const

describe('changes of tables where the schema is no part of a transaction', { skip }, () => {
  test('a change that a dead server has left is done by who asks later, and nobody sees half of it', async () => {
    await using kit = await world()
    const { tables } = kit
    const { id } = await tables.create({ columns: [COLUMN] })
    await tables.insert(id, [{ v: 'a' }])
    await left(kit, () => tables.alter(id, [ADD]))
    assert.deepEqual([(await kit.notes()).length, await kit.columns(id)], [1, 1])
    kit.wait(120_000)
    assert.deepEqual((await tables.select(id)).rows, [{ v: 'a', n: 0n }])
    assert.deepEqual([await kit.notes(), await kit.columns(id)], [[], 2])
  })

  test('a change that was done before its server died is not done again', async () => {
    await using kit = await world()
    const { tables } = kit
    const { id } = await tables.create({ columns: [COLUMN] })
    await left(kit, () => tables.alter(id, [ADD, { op: 'add_index', index: { kind: 'normal', columns: ['n'] } }]))
    const [note] = await kit.notes()
    assert.ok(note)
    for (const step of note.steps_json as unknown as { sql: string }[]) await sql.raw(step.sql).execute(kit.db)
    kit.wait(120_000)
    await tables.insert(id, [{ v: 'a', n: 1 }])
    assert.deepEqual((await tables.select(id)).rows, [{ v: 'a', n: 1n }])
    assert.deepEqual(await kit.notes(), [])
  })

  test('a change that does not fit any more by the time it is done is taken back', async () => {
    await using kit = await world()
    const { tables } = kit
    const { id } = await tables.create({ columns: [COLUMN, { name: 'w', type: 'int' }] })
    await tables.insert(id, [{ v: '1', w: 1 }])
    const before = await tables.describe(id)
    await left(kit, () =>
      tables.alter(id, [
        { op: 'modify_column', name: 'v', column: { name: 'v2', type: 'int' } },
        { op: 'drop_column', name: 'w' },
      ]),
    )
    const columnId = before?.columns[0]?.id
    await sql.raw(`insert into user_table_${id} (f_${columnId}) values ('no number')`).execute(kit.db)
    kit.wait(120_000)
    await assert.rejects(tables.select(id), { code: 'conflict' })
    const after = await tables.describe(id)
    assert.deepEqual(after?.columns, before?.columns)
    assert.equal((await tables.select(id)).total, 2)
    assert.deepEqual(await kit.notes(), [])
  })

  test('a table whose removal was left goes, and one of a transaction that failed never was', async () => {
    await using kit = await world()
    const { tables, database } = kit
    const { id } = await tables.create({ columns: [COLUMN] })
    await left(kit, () => tables.drop(id))
    assert.equal(await kit.columns(id), 1)
    kit.wait(120_000)
    assert.equal(await tables.describe(id), undefined)
    await tables.create({ columns: [COLUMN, { name: 'w', type: 'int' }] }, { id })
    assert.deepEqual([await kit.notes(), await kit.columns(id)], [[], 2])
    const failing = database.transaction(async (tx) => {
      await tables.create({ columns: [COLUMN] }, { tx, id: '77' })
      await tables.insert('77', [{ v: 'x' }], { tx })
      throw new Error('mine')
    })
    await assert.rejects(failing, /mine/)
    assert.equal(await kit.columns('77'), 0)
  })

  test('a table is not used in the transaction that changes it', async () => {
    await using kit = await world()
    const { tables, database } = kit
    const { id } = await tables.create({ columns: [COLUMN] })
    const using = database.transaction(async (tx) => {
      await tables.alter(id, [ADD], { tx })
      await tables.insert(id, [{ v: 'x', n: 1 }], { tx })
    })
    await assert.rejects(using, { code: 'failed_precondition', message: /when the transaction has ended/ })
    assert.equal((await tables.describe(id))?.columns.length, 1)
    assert.deepEqual([await kit.notes(), await kit.columns(id)], [[], 1])
  })

  test('whoever asks while a table is changed waits, and many changes follow each other', async () => {
    await using kit = await world()
    const { tables } = kit
    const { id } = await tables.create({ columns: [COLUMN] })
    const calls = Array.from({ length: 40 }, (_, i) =>
      i % 4 === 0
        ? tables.alter(id, [{ op: 'add_column', column: { name: `c${i}`, type: 'int', default: i } }])
        : tables.insert(id, [{ v: `${i}` }]),
    )
    await Promise.all(calls)
    const { rows, columns } = await tables.select(id)
    assert.deepEqual([rows.length, columns.length], [30, 11])
    assert.ok(rows.every((row) => row.c0 === 0n && row.c36 === 36n))
  })
})
