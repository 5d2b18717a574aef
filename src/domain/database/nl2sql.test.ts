import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test-kit/tmp.ts'
import { openModel } from '../../infra/model/open.ts'
import { openSqlParser } from '../../infra/sqlparser/open.ts'
import { generateSql, type Nl2SqlResult, type TableSchema } from './nl2sql.ts'

const CITIES: TableSchema = {
  name: 'cities',
  description: 'All cities',
  fields: [
    { name: 'city', description: 'what it is called', type: 'text', isRequired: true },
    { name: 'people', description: '', type: 'integer', isRequired: false },
    { name: 'founded', description: '', type: 'date', isRequired: false },
  ],
}
const WORDS: TableSchema = {
  name: '城市',
  description: '',
  fields: [{ name: '人口', description: '', type: 'float', isRequired: false }],
}

/** What comes of a reply of the model. */
async function generated(reply: string, options: { rest?: string; signal?: AbortSignal; timeoutMs?: number } = {}) {
  const model = await openModel(`scripted:?reply=${encodeURIComponent(reply)}${options.rest ?? ''}`)
  const parser = await openSqlParser('sqlite')
  const { signal, timeoutMs } = options
  const request = { question: 'How many?', tables: [CITIES, WORDS], ...(timeoutMs && { timeoutMs }) }
  return generateSql({ model, parser }, request, signal ? { signal } : {}).finally(() => model.close())
}
const json = (sql: string) => JSON.stringify({ sql, err_code: 0, err_msg: '' })
const sqlOf = (result: Nl2SqlResult) => (result.ok ? result.sql : `${result.code} ${result.message}`)

const ADMITTED: readonly (readonly [name: string, reply: string, sql: string])[] = [
  ['N2S-01 plain JSON', json('SELECT city FROM cities LIMIT 3'), 'SELECT city FROM cities LIMIT 3'],
  ['N2S-02 fenced JSON', `\`\`\`json\n${json('SELECT city FROM cities')}\n\`\`\``, 'SELECT city FROM cities LIMIT 100'],
  ['N2S-03 prose and JSON', `{ok} Sure: ${json('SELECT city FROM cities')} {}`, 'SELECT city FROM cities LIMIT 100'],
  ['N2S-13 a limit within does not count', json('SELECT * FROM (SELECT city FROM cities LIMIT 5) AS c'), ''],
  ['N2S-18 names of any script', json('SELECT "人口" FROM "城市"'), 'SELECT "人口" FROM "城市" LIMIT 100'],
  ['N2S-20 a comment and a semicolon', json('SELECT city FROM cities; -- all'), 'SELECT city FROM cities LIMIT 100'],
  ['a text that says limit', json("SELECT city FROM cities WHERE city='limit'"), ''],
]
for (const [name, reply, sql] of ADMITTED)
  test(`${name} is admitted`, async () => {
    const said = sqlOf(await generated(reply))
    if (sql === '') assert.match(said, / LIMIT 100$/)
    else assert.equal(said, sql)
  })

const REFUSED: readonly (readonly [name: string, reply: string, why: RegExp])[] = [
  ['N2S-04 garbage', 'I do not know', /^3004 .*JSON/],
  ['N2S-05 a code of its own', '{"sql":"","err_code":3005,"err_msg":"which city?"}', /^3005 which city\?$/],
  ['N2S-06 no query', '{"sql":" "}', /^3003 /],
  ['N2S-10 DELETE', json('DELETE FROM cities'), /^3006 only SELECT .*DELETE/],
  ['a write in front', json('DROP TABLE cities'), /^3006 only SELECT .*DROP/],
  ['N2S-11 two statements', json('SELECT 1; DROP TABLE cities'), /^3006 /],
  ['N2S-12 a foreign table', json('SELECT * FROM account'), /^3006 .*table is not known/],
  ['a foreign table deep inside', json('SELECT city FROM cities WHERE 1 IN (SELECT id FROM agent)'), /^3006 /],
  ['a pragma', json('PRAGMA table_info(cities)'), /^3006 /],
  ['nonsense', json('SELEC city'), /^3006 .*line 1/],
]
for (const [name, reply, why] of REFUSED)
  test(`${name} is refused, and says why`, async () => assert.match(sqlOf(await generated(reply)), why))

test('N2S-04 an answer that is none is asked for again', async () => {
  await using folder = await temporaryFolder()
  const script = [
    { match: 'not the JSON object', reply: json('SELECT city FROM cities LIMIT 1') },
    { match: '', reply: 'SELECT city FROM cities' },
  ]
  await writeFile(join(folder.path, 'script.json'), JSON.stringify(script))
  const model = await openModel('scripted:?file=script.json', { home: folder.path })
  const parser = await openSqlParser('sqlite')
  const result = await generateSql({ model, parser }, { question: 'Which?', tables: [CITIES] })
  assert.equal(sqlOf(result), 'SELECT city FROM cities LIMIT 1')
  assert.ok(result.usage.inputTokens > 0)
})

test('N2S-07, N2S-08 without tables or with a model that writes nothing there is nobody to ask', async () => {
  const [scripted, quotes] = [await openModel('scripted:'), await openModel('extractive:')]
  const parser = await openSqlParser('sqlite')
  const ask = (model: typeof scripted, tables: TableSchema[]) =>
    generateSql({ model, parser }, { question: 'x', tables })
  await assert.rejects(ask(scripted, []), { code: 'invalid_argument' })
  await assert.rejects(ask(quotes, [CITIES]), { code: 'unimplemented' })
})

test('N2S-14, N2S-15, N2S-19 the prompt names the dialect and every column', async () => {
  const said = sqlOf(await generated('{"sql":"","err_code":3005,"err_msg":"a"}'))
  assert.equal(said, '3005 a')
  const model = await openModel('scripted:?reply={{system}}')
  const parser = await openSqlParser('sqlite')
  const seen: string[] = []
  const spy = Object.assign(Object.create(model) as typeof model, {
    info: model.info,
    stream: (request: Parameters<typeof model.stream>[0], options: object) => {
      seen.push(JSON.stringify(request.messages))
      return model.stream(request, options)
    },
  })
  await generateSql({ model: spy, parser }, { question: 'How many?', tables: [CITIES, WORDS] })
  const prompt = seen[0] ?? ''
  for (const part of ['SQLite 3', 'Table cities – All cities', '- city: varchar, required – what it is called'])
    assert.ok(prompt.includes(part), part)
  for (const part of ['- people: bigint, may be empty', '- founded: timestamp', 'Table 城市', '- 人口: double'])
    assert.ok(prompt.includes(part), part)
  assert.match(prompt, /Write one query for: How many\?/)
})

test('N2S-16 a model that takes too long is 3002', async () => {
  assert.match(sqlOf(await generated('a b c d', { rest: '&delay=5s', timeoutMs: 30 })), /^3002 /)
})

test('N2S-17 the caller can stop it', async () => {
  const signal = AbortSignal.timeout(20)
  await assert.rejects(generated('a b c', { rest: '&delay=5s', signal }), { code: 'canceled' })
})
