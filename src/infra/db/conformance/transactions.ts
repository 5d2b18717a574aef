import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Case } from '../../../base/conformance.ts'
import { type Database, savepoint, type Tx } from '../db.ts'
import { type DbHarness, item, type TestDb, type TestTx, withItems } from './harness.ts'

const typed = (tx: Tx): TestTx => tx as unknown as TestTx
const untyped = (tx: TestTx): Tx => tx as unknown as Tx
const inTransaction = <T>(database: Database, fn: (tx: TestTx) => Promise<T>, signal?: AbortSignal): Promise<T> =>
  database.transaction((tx) => fn(typed(tx)), signal === undefined ? {} : { signal })
const add = (db: TestDb, id: number) => db.insertInto('item').values(item(id)).execute()
const ids = async (db: TestDb) => (await db.selectFrom('item').select('id').orderBy('id').execute()).map(({ id }) => id)

/** All or nothing, and nobody sees the middle. */
export const transactionCases: readonly Case<DbHarness>[] = [
  {
    name: 'DB-28 a throw rolls everything back and is thrown on',
    run: async (h) => {
      const db = await withItems(h)
      const failing = inTransaction(h.database, async (tx) => {
        await add(tx, 1)
        throw new TypeError('mine')
      })
      await assert.rejects(failing, TypeError)
      assert.deepEqual(await ids(db), [])
      await inTransaction(h.database, (tx) => add(tx, 2))
      assert.deepEqual(await ids(db), ['2'])
    },
  },
  {
    name: 'DB-28 a failing statement that is caught leaves the rest of the transaction intact',
    needs: 'statement.rollback',
    run: async (h) => {
      const db = await withItems(h)
      await inTransaction(h.database, async (tx) => {
        await add(tx, 1)
        await assert.rejects(add(tx, 1), { code: 'already_exists' })
        await add(tx, 2)
      })
      assert.deepEqual(await ids(db), ['1', '2'])
    },
  },
  {
    name: 'DB-29 uncommitted rows are invisible outside, committed ones visible at once',
    needs: 'readers',
    run: async (h) => {
      const db = await withItems(h)
      const written = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      const done = inTransaction(h.database, async (tx) => {
        await add(tx, 1)
        assert.deepEqual(await ids(tx), ['1'])
        assert.deepEqual(await ids(db), [])
        written.resolve()
        await go.promise
      })
      await written.promise
      assert.deepEqual(await ids(db), [])
      go.resolve()
      await done
      assert.deepEqual(await ids(db), ['1'])
    },
  },
  {
    name: 'DB-30 an aborted transaction is rolled back and lets the next writer in',
    run: async (h) => {
      const db = await withItems(h)
      const abort = new AbortController()
      const never = inTransaction(
        h.database,
        async (tx) => {
          await add(tx, 1)
          abort.abort()
          await new Promise(() => undefined)
        },
        abort.signal,
      )
      await assert.rejects(never, { code: 'canceled' })
      await add(db, 2)
      assert.deepEqual(await ids(db), ['2'])
      await assert.rejects(
        inTransaction(h.database, (tx) => add(tx, 3), abort.signal),
        { code: 'canceled' },
      )
    },
  },
  {
    name: 'DB-31 a transaction within a transaction and a write past it are refused, not deadlocked',
    run: async (h) => {
      const db = await withItems(h)
      const refused = { code: 'failed_precondition' }
      await inTransaction(h.database, async (tx) => {
        await assert.rejects(
          inTransaction(h.database, (inner) => add(inner, 1)),
          refused,
        )
        await assert.rejects(add(db, 1), refused)
        await add(tx, 2)
      })
      assert.deepEqual(await ids(db), ['2'])
    },
  },
  {
    name: 'DB-31 work that was started inside but runs after the end may write',
    run: async (h) => {
      const db = await withItems(h)
      let later: Promise<unknown> = Promise.resolve()
      await inTransaction(h.database, async (tx) => {
        await add(tx, 1)
        later = sleep(20).then(() => add(db, 2))
      })
      await later
      assert.deepEqual(await ids(db), ['1', '2'])
    },
  },
  {
    name: 'DB-31 a savepoint undoes only its own part, also nested',
    run: async (h) => {
      const db = await withItems(h)
      await inTransaction(h.database, async (tx) => {
        await add(tx, 1)
        const outer = savepoint(untyped(tx), async (sp) => {
          await add(typed(sp), 2)
          await savepoint(sp, (inner) => add(typed(inner), 3))
          throw new Error('undo 2 and 3')
        })
        await assert.rejects(outer, /undo 2 and 3/)
        assert.equal(await savepoint(untyped(tx), async (sp) => (await add(typed(sp), 4)).length), 1)
      })
      assert.deepEqual(await ids(db), ['1', '4'])
    },
  },
  {
    name: 'DB-32 the handle is dead after commit and after rollback',
    run: async (h) => {
      const db = await withItems(h)
      const kept: TestTx[] = []
      await inTransaction(h.database, async (tx) => void kept.push(tx))
      await assert.rejects(
        inTransaction(h.database, async (tx) => {
          kept.push(tx)
          throw new Error('rolled back')
        }),
      )
      for (const tx of kept) await assert.rejects(add(tx, 1))
      assert.deepEqual(await ids(db), [])
    },
  },
  {
    name: 'DB-33 100 parallel write transactions all succeed, none loses an update',
    run: async (h) => {
      const db = await withItems(h)
      await add(db, 1)
      const bump = () =>
        inTransaction(h.database, async (tx) => {
          const row = await tx.selectFrom('item').select('hits').where('id', '=', '1').forUpdate().executeTakeFirst()
          await new Promise(setImmediate)
          await tx
            .updateTable('item')
            .set({ hits: (row?.hits ?? 0) + 1 })
            .execute()
        })
      await Promise.all(Array.from({ length: 100 }, bump))
      assert.equal((await db.selectFrom('item').select('hits').executeTakeFirst())?.hits, 100)
    },
  },
  {
    name: 'DB-34 reads go on during a long write transaction, single writes of the same row wait their turn',
    needs: 'readers',
    run: async (h) => {
      const db = await withItems(h)
      await add(db, 1)
      const rename = (on: TestDb, name: string) => on.updateTable('item').set({ name }).where('id', '=', '1').execute()
      const name = async () => (await db.selectFrom('item').select('name').executeTakeFirst())?.name
      const order: string[] = []
      const written = Promise.withResolvers<void>()
      const long = inTransaction(h.database, async (tx) => {
        await rename(tx, 'in the transaction')
        written.resolve()
        await sleep(100)
        order.push('transaction')
      })
      await written.promise
      const single = rename(db, 'alone').then(() => order.push('write'))
      assert.equal(await name(), 'item 1')
      order.push('read')
      await Promise.all([long, single])
      assert.deepEqual(order, ['read', 'transaction', 'write'])
      assert.equal(await name(), 'alone')
    },
  },
  {
    name: 'DB-31 transactions opened by hand are refused',
    run: async ({ database: { db } }) => {
      for (const text of ['begin', ' COMMIT', 'rollback', 'start transaction', 'end'])
        await assert.rejects(sql.raw(text).execute(db), { code: 'failed_precondition' }, text)
    },
  },
  {
    name: 'DB-51 close lets an open transaction finish, then everything is closed',
    run: async (h) => {
      const db = await withItems(h)
      const written = Promise.withResolvers<void>()
      const done = inTransaction(h.database, async (tx) => {
        await add(tx, 1)
        written.resolve()
        await sleep(30)
        await add(tx, 2)
        return 'committed'
      })
      await written.promise
      await Promise.all([h.database.close(), h.database.close()])
      assert.equal(await done, 'committed')
      await assert.rejects(add(db, 3), { code: 'closed' })
      await assert.rejects(
        inTransaction(h.database, async () => 1),
        { code: 'closed' },
      )
      assert.equal((await h.database.health()).status, 'down')
    },
  },
]
