import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANN, BOB } from '../../../test-kit/chat.ts'
import { fieldsFrom, testDatabases } from '../../../test-kit/databases.ts'
import { AppError } from '../../base/errors.ts'
import { DocumentParser } from '../../infra/document/document.ts'
import { Outbox } from '../outbox.ts'
import { Imports, type ImportsDeps } from './imports.ts'
import type { ImportKey } from './types.ts'

const PLACE = { sheet: 0, headerLine: 0, firstLine: 1 }
const signal = new AbortController().signal

/** A database of cities, and imports into it by hand. */
async function open(change: (deps: ImportsDeps) => Partial<ImportsDeps> = () => ({})) {
  const world = await testDatabases()
  const { kit, tables, context, databases, database } = world
  const parser = new DocumentParser({ workers: 1 })
  const deps: ImportsDeps = { context, tables, files: kit.library.fileService, parser }
  const imports = new Imports({ ...deps, ...change(deps) })
  const fields = fieldsFrom({ city: 'text!', people: 'integer' })
  const input = { spaceId: '201', name: 'cities', description: '', access: 'full', isPromptDisabled: false } as const
  const { id } = await databases.create(ANN, { ...input, fields })
  const file = (text: string, name = 'cities.csv') => kit.library.addFile(ANN, context.newId(), name, 'text/csv', text)
  const asked = (fileUri: string) => ({ environment: 'draft', fileUri, place: PLACE }) as const
  const start = (fileUri: string) => imports.start(ANN, id, asked(fileUri))
  /** The work that waits, as the worker would do it. */
  const work = async () => {
    for (const { body } of await new Outbox(database).claim(10, Date.now(), 0)) {
      const { database_id: databaseId, environment, import_id: importId } = body as Record<string, string>
      await imports.run({ databaseId, environment, importId } as ImportKey, { signal })
    }
  }
  const progress = () => imports.progress(ANN, id, 'draft')
  const rows = async () => {
    const query = { environment: 'draft', limit: 5, offset: 0, allUsers: true, allConnectors: true } as const
    const { records, total } = await databases.listRecords(ANN, id, query)
    return { total, first: records.map(({ city, people }) => [city, people]) }
  }
  return {
    ...{ world, imports, id, file, start, work, progress, rows, asked },
    [Symbol.asyncDispose]: async () => {
      await parser.close()
      await world[Symbol.asyncDispose]()
    },
  }
}

const lines = (count: number) => ['city,people', ...Array.from({ length: count }, (_, i) => `c${i},${i}`)].join('\n')

test('a file becomes rows, with all digits, each once', async () => {
  await using app = await open()
  await app.start(app.file('People,other,CITY\n9223372036854775807,x,"Ulm, Neu-"\n,y,Bern\n'))
  assert.deepEqual(await app.progress(), { fileName: 'cities.csv', status: 'running', percent: 0, reason: '' })
  await app.work()
  await app.work()
  assert.equal((await app.progress()).percent, 100)
  assert.deepEqual(await app.rows(), {
    total: 2,
    first: [
      ['Ulm, Neu-', '9223372036854775807'],
      ['Bern', ''],
    ],
  })
})

test('an import that was cut off goes on where it was', async () => {
  let left = 2
  await using app = await open(({ tables }) => ({
    tables: Object.assign(Object.create(tables) as typeof tables, {
      describe: tables.describe.bind(tables),
      insert: (...args: Parameters<typeof tables.insert>) => {
        if (--left === 0) throw new AppError('unavailable', 'the database went away')
        return tables.insert(...args)
      },
    }),
  }))
  await app.start(app.file(lines(1_203)))
  await assert.rejects(app.work(), { code: 'unavailable' })
  const half = await app.progress()
  assert.deepEqual([half.status, half.percent, (await app.rows()).total], ['running', 41, 500])
  await app.work()
  assert.deepEqual([(await app.progress()).status, (await app.rows()).total], ['done', 1_203])
})

const BAD: readonly (readonly [name: string, text: string, why: RegExp])[] = [
  ['a value of another type', 'city,people\nUlm,1\nBern,many', /^people: row 2: must be a whole number/],
  ['a required value that is missing', 'city,people\n,5', /^city: row 1: a value is required/],
  ['a required column that is missing', 'people\n5', /^city: the file has no such column/],
  ['no column of the database', 'a,b\n1,2', /^city: the file has no/],
]
for (const [name, text, why] of BAD)
  test(`${name} fails the import with the reason, and nothing is written`, async () => {
    await using app = await open()
    const uri = app.file(text)
    const problems = await app.imports.validate(ANN, app.id, app.asked(uri))
    assert.match(Object.entries(problems)[0]?.join(': ') ?? '', why)
    await app.start(uri)
    await app.work()
    const { status, reason } = await app.progress()
    assert.equal(status, 'failed')
    assert.match(reason, why)
    assert.equal((await app.rows()).total, 0)
    await app.start(app.file('city\nUlm'))
    await app.work()
    assert.deepEqual([(await app.progress()).status, (await app.rows()).total], ['done', 1])
  })

test('one import at a time, of files that are tables, of people who may', async () => {
  await using app = await open()
  const uri = app.file('city\nUlm')
  await assert.rejects(app.imports.progress(ANN, app.id, 'draft'), { code: 'not_found' })
  await assert.rejects(app.start(app.file('x', 'a.pdf')), { code: 'invalid_argument', message: /csv and xlsx/ })
  await assert.rejects(app.imports.start(BOB, app.id, app.asked(uri)), { code: 'not_found' })
  await assert.rejects(app.imports.schema(BOB, uri, PLACE), { code: 'not_found' })
  await app.start(uri)
  await assert.rejects(app.start(uri), { code: 'failed_precondition' })
  await app.world.databases.delete(ANN, app.id)
  await app.work()
  await assert.rejects(app.progress(), { code: 'not_found' })
})

test('the schema of a file guesses the types of its columns', async () => {
  await using app = await open()
  const text = 'name,count,share,open,since,empty\nUlm,1,1.5,true,2024-01-31,\nBern,-2,3,false,2024-02-01 10:00,\n'
  const { sheets, columns, preview } = await app.imports.schema(ANN, app.file(text), PLACE)
  assert.deepEqual(sheets, [{ name: 'cities.csv', rowCount: 2 }])
  assert.deepEqual(
    columns.map(({ name, type }) => `${name} ${type}`),
    ['name text', 'count integer', 'share float', 'open boolean', 'since date', 'empty text'],
  )
  assert.deepEqual(preview[0], ['Ulm', '1', '1.5', 'true', '2024-01-31', ''])
  await assert.rejects(app.imports.schema(ANN, app.file(text), { ...PLACE, sheet: 1 }), { code: 'invalid_argument' })
})
