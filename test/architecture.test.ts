import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

/** File → what it may import of ours. The first match wins; `$1` is the first group of the left side. */
const MAY_IMPORT: readonly [from: RegExp, target: string][] = [
  [/^src\/base\//, '^src/base/'],
  [/^src\/config\//, '^src/(base|config)/'],
  [/^src\/infra\/data-folder\.ts$/, '^src/base/'],
  [/^src\/infra\/sqlparser\/drivers\//, '^src/(base/|infra/sqlparser/(driver\\.ts|core/|drivers/))'],
  // MySQL has no authorizer: its guard reads statements by the grammar of the SQL parser
  [
    /^src\/infra\/db\/drivers\/mysql\/guard\//,
    '^src/(base/|infra/db/(driver\\.ts|drivers/mysql/)|infra/sqlparser/(driver|open|sqlparser|drivers/mysql|policy/functions)\\.ts)',
  ],
  [/^src\/infra\/(\w+)\/drivers\//, '^src/(base/|infra/data-folder\\.ts|infra/$1/(driver\\.ts|drivers/))'],
  // a library over the db front, not a capability of its own
  [/^src\/infra\/tables\//, '^src/(base/|infra/tables/|infra/db/(db|driver|schema)\\.ts)'],
  [/^src\/infra\/(\w+)\//, '^src/(base/|infra/data-folder\\.ts|infra/$1/)'],
  [
    /^src\/domain\/(\w+)\//,
    '^src/(base/|domain/([\\w-]+\\.ts|$1/|\\w+/(types|service)\\.ts)|infra/db/schema\\.ts|infra/(\\w+)/\\4\\.ts)',
  ],
  [/^src\/domain\//, '^src/(base/|domain/[\\w-]+\\.ts|infra/(\\w+)/\\2\\.ts)'],
  [/^src\/http\//, '^src/(base/|http/|domain/(actor\\.ts|\\w+/(types|service)\\.ts))'],
  [/^src\/worker\//, '^src/(base/|worker/|domain/([\\w-]+\\.ts|\\w+/(types|service)\\.ts)|infra/mq/mq\\.ts)'],
  [/^src\/main\.ts$/, '^src/cli/'],
  [/^src\/(app|cli)\//, '^src/'],
]

/** Packages a folder may import besides Node's own modules. A driver imports one SDK. */
const MAY_USE: readonly [from: RegExp, packages: RegExp][] = [
  [/^src\/(base|config)\//, /^(zod|yaml)$/],
  [/^src\/infra\/\w+\/drivers\//, /./],
  [/^src\/infra\/document\//, /./],
  [/^src\/infra\/(db|tables)\//, /^(kysely|zod)/],
  [/^src\/infra\//, /^zod$/],
  [/^src\/domain\/\w+\/store\.ts$/, /^kysely$/],
  [/^src\/domain\//, /^zod$/],
  [/^src\/http\//, /^(fastify|@fastify\/.*|fastify-type-provider-zod|zod|swagger-ui-dist)/],
  [/^src\/worker\//, /^$/],
  [/^src\/main\.ts$/, /^$/],
  [/^src\/(app|cli)\//, /^(pino|zod|yaml)$/],
]

const IMPORT = /(?:^|\n)\s*(?:import|export)\b[^'"]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)/g
const sources = globSync('src/**/*.ts')
  .filter((file) => !file.endsWith('.test.ts'))
  .sort()
const read = (file: string) => readFileSync(file, 'utf8')
const importsOf = (file: string) => [...read(file).matchAll(IMPORT)].map((m) => m[1] ?? m[2] ?? '')

test('folders import only what the architecture allows', () => {
  const wrong: string[] = []
  for (const file of sources) {
    const rule = MAY_IMPORT.find(([from]) => from.test(file))
    assert.ok(rule, `${file}: no rule for this folder; add one to MAY_IMPORT`)
    const allowed = new RegExp(rule[1].replaceAll('$1', rule[0].exec(file)?.[1] ?? ''))
    for (const spec of importsOf(file)) {
      const target = join(dirname(file), spec)
      if (spec.startsWith('.') && !allowed.test(target)) wrong.push(`${file} → ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('folders use only the packages the architecture allows', () => {
  const wrong: string[] = []
  for (const file of sources) {
    const rule = MAY_USE.find(([from]) => from.test(file))
    assert.ok(rule, `${file}: no rule for this folder; add one to MAY_USE`)
    for (const spec of importsOf(file)) {
      if (!spec.startsWith('.') && !spec.startsWith('node:') && !rule[1].test(spec)) wrong.push(`${file} → ${spec}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('every capability has its contract, front, opener, suite and drivers', () => {
  for (const folder of globSync('src/infra/*/drivers').map((drivers) => dirname(drivers))) {
    const name = folder.slice('src/infra/'.length)
    for (const file of ['driver.ts', `${name}.ts`, 'open.ts', 'conformance.ts'])
      assert.ok(existsSync(join(folder, file)), `${folder} lacks ${file}`)
    for (const driver of globSync(`${folder}/drivers/*.ts`).filter((file) => !file.endsWith('.test.ts'))) {
      const suite = driver.replace(/\.ts$/, '.test.ts')
      assert.ok(existsSync(suite), `${driver} has no test beside it`)
    }
  }
})

test('every scheme leads to a driver whose test runs the conformance suite', () => {
  for (const open of globSync('src/infra/*/open.ts')) {
    const drivers = [...read(open).matchAll(/import\('\.\/drivers\/([\w-]+)\.ts'\)/g)].map((m) => m[1])
    assert.ok(drivers.length > 0, `${open} opens no driver`)
    for (const driver of drivers) {
      const suite = join(dirname(open), 'drivers', `${driver}.test.ts`)
      assert.match(read(suite), /^\s*runConformance\(/m, `${suite} does not run the suite`)
    }
  }
})

test('contract files hold types only, with prose, in at most twelve methods an interface', () => {
  for (const file of globSync('src/infra/*/driver.ts')) {
    const lines = read(file).split('\n')
    assert.ok(lines.length <= 250, `${file} has ${lines.length} lines`)
    assert.doesNotMatch(read(file), /^(export )?(const|let|function|class) /m, `${file} holds values`)
    const comments = lines.filter((line) => /^\s*(\/?\*|\/\/)/.test(line)).length
    assert.ok(comments * 3 >= lines.filter((line) => line.trim() !== '').length, `${file} has too little prose`)
    for (const body of read(file).matchAll(/interface (\w+Driver)\b[^{]*\{\n([\s\S]*?)\n\}/g)) {
      const methods = (body[2] ?? '').match(/^ {2}\w+\??\(/gm)?.length ?? 0
      assert.ok(methods <= 12, `${file}: ${body[1]} has ${methods} methods`)
    }
  }
})

/** Why a file may pass 300 lines; a new one needs a reason here. */
const LONG_FILES: Readonly<Record<string, string>> = {
  'src/infra/db/schema.ts': 'every table in one list, to be seen together',
}

test('files stay small', () => {
  const long = sources.filter((file) => !(file in LONG_FILES) && read(file).split('\n').length > 320)
  assert.deepEqual(long, [])
})

test('stores take the handle first and services never see kysely', () => {
  for (const file of globSync('src/domain/*/store.ts')) {
    for (const m of read(file).matchAll(/^export (?:async )?function \w+(?:<[^>]*>)?\(\s*(\w+)/gm))
      assert.match(m[1] ?? '', /^(db|tx)$/, `${file}: ${m[0]}`)
  }
})

test('modules do nothing when they are imported', () => {
  for (const file of sources.filter((f) => f !== 'src/main.ts' && !f.endsWith('.worker.ts')))
    assert.doesNotMatch(read(file), /^await /m, `${file} has a top-level await`)
})
