import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { docxBytes, pdfBytes, zipBomb } from '../../../test-kit/documents.ts'
import { pdfFile } from '../../../test-kit/pdf.ts'
import { deflatedSpaces, zipBytes } from '../../../test-kit/zip.ts'
import { DocumentParser, type DocumentType, type Limits } from './document.ts'

const MIB = 1024 ** 2
const parser = new DocumentParser({ workers: 1 })
after(() => parser.close())

const read = (type: DocumentType, source: Uint8Array | string, limits: Partial<Limits> = {}, signal?: AbortSignal) =>
  parser.parse(Buffer.from(source), { type, limits, ...(signal === undefined ? {} : { signal }) })
const NO_PROC = existsSync('/proc') ? false : 'the system has no /proc'
/** Emphasis that takes Markdown many seconds. */
const SLOW = `${'_a'.repeat(15_000)}\n\n`.repeat(60)
/** After each attack: the next reader must not notice. */
const stillWorks = async () => {
  const { blocks } = await read('pdf', await pdfBytes(['All is well.']))
  assert.equal(blocks[0]?.text, 'All is well.')
}

test('PARSE-41 zip bombs, honest and lying, are refused as docx and as xlsx', async () => {
  for (const type of ['docx', 'xlsx'] as const)
    for (const lies of [false, true])
      await assert.rejects(read(type, zipBomb({ type, lies })), { code: 'resource_exhausted', message: /zip bomb/ })
  await stillWorks()
})

test('a stream of a PDF that inflates without end kills the worker, not the server', async () => {
  const stream = Buffer.concat([Buffer.of(0x78, 0x9c), deflatedSpaces(2_000 * MIB)])
  const bomb = pdfFile([
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 595 842]>>',
    '<</Type/Page/Parent 2 0 R/Contents 4 0 R>>',
    { dictionary: '/Filter/FlateDecode', data: stream },
  ])
  await assert.rejects(read('pdf', bomb, { memoryBytes: 64 * MIB }), { code: 'resource_exhausted', message: /memory/ })
  await stillWorks()
})

test('a document whose tree outgrows the heap kills the worker, not the server', async () => {
  const row = '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'
  const sheet = zipBytes([
    { name: 'xl/workbook.xml', data: '<workbook><sheets><sheet name="A" sheetId="1" r:id="r"/></sheets></workbook>' },
    {
      name: 'xl/_rels/workbook.xml.rels',
      data: '<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    },
    { name: 'xl/worksheets/sheet1.xml', data: `<worksheet><sheetData>${row}</sheetData></worksheet>` },
  ])
  await assert.rejects(read('xlsx', sheet, { memoryBytes: 64 * MIB }), {
    code: 'resource_exhausted',
    message: /memory/,
  })
  await assert.rejects(read('json', `[${'1,'.repeat(5_000_000)}1]`, { memoryBytes: 64 * MIB }), {
    code: 'resource_exhausted',
  })
  await stillWorks()
})

test('a document that takes too long is given up', async () => {
  await assert.rejects(read('md', SLOW, { timeoutMs: 100 }), { code: 'deadline_exceeded', message: /0\.1 s/ })
  await stillWorks()
})

test('PARSE-39 a call that is aborted ends at once, also while it waits for a worker', async () => {
  const first = new AbortController()
  const second = new AbortController()
  const running = read('md', SLOW, {}, first.signal)
  const waiting = read('md', SLOW, {}, second.signal)
  setTimeout(() => second.abort(), 50)
  setTimeout(() => first.abort(), 100)
  const startedMs = performance.now()
  await assert.rejects(waiting, { code: 'canceled' })
  await assert.rejects(running, { code: 'canceled' })
  assert.ok(performance.now() - startedMs < 5_000, 'SLOW takes longer')
  await assert.rejects(read('txt', 'x', {}, AbortSignal.abort()), { code: 'canceled' })
  await stillWorks()
})

test('a worker does not outlive a server that is killed', {
  skip: existsSync('/proc') ? false : 'needs /proc',
}, async () => {
  const script = `const { DocumentParser } = await import(${JSON.stringify(new URL('./document.ts', import.meta.url))})
    await new DocumentParser().parse(Buffer.from(${JSON.stringify(SLOW)}), { type: 'md' })`
  const server = spawn(process.execPath, ['--input-type=module'], { stdio: ['pipe', 'ignore', 'inherit'] })
  server.stdin.end(script)
  const workers = () => childrenOf(server.pid ?? 0)
  const until = async (done: () => boolean) => {
    for (let i = 0; i < 1_000 && !done(); i++) await sleep(20)
    assert.ok(done())
  }
  await until(() => workers().length === 1)
  const [worker] = workers()
  await sleep(200) // let it begin with the document
  server.kill('SIGKILL')
  await until(() => !isRunning(worker ?? ''))
})

test('a worker that is killed while it has nothing to do is replaced', { skip: NO_PROC }, async () => {
  await stillWorks()
  const [worker] = childrenOf(process.pid)
  process.kill(Number(worker), 'SIGKILL')
  for (let i = 0; i < 1_000 && isRunning(worker ?? ''); i++) await sleep(20)
  await sleep(50) // until the news has arrived
  await stillWorks()
})

/** State and parent of a process; undefined once it is gone or waits only to be reaped. */
function statusOf(pid: string): { parent: string } | undefined {
  try {
    const [state, parent = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return state === 'Z' ? undefined : { parent }
  } catch {
    return undefined
  }
}

const isRunning = (pid: string): boolean => statusOf(pid) !== undefined
const childrenOf = (parent: number): string[] =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && statusOf(pid)?.parent === String(parent))

test('PARSE-42 a large text needs little memory beside itself', async () => {
  const { blocks, charCount } = await read('txt', 'One line of this text.\n\n'.repeat(2_000_000), {
    memoryBytes: 160 * MIB,
  })
  assert.deepEqual([blocks.length, charCount], [2_000_000, 44_000_000])
})

test('the limits of rows, nesting and text hold in every type', async () => {
  const CASES: [DocumentType, string, Partial<Limits>, RegExp][] = [
    ['csv', `a\n${'1\n'.repeat(60_000)}`, { rows: 50_000 }, /50000 rows/],
    ['json', `[${'{"a":1},'.repeat(60_000)}{}]`, { rows: 50_000 }, /50000 rows/],
    ['json', '['.repeat(100_000), {}, /nested/],
    ['html', '<div>'.repeat(100_000), {}, /nested/],
    ['md', '> '.repeat(100_000), {}, /nested/],
    ['txt', 'x\n\n'.repeat(100_000), { chars: 50_000 }, /50000 characters/],
  ]
  for (const [type, source, limits, message] of CASES)
    await assert.rejects(read(type, source, limits), { code: 'resource_exhausted', message }, type)
  await stillWorks()
})

test('rubbish of every kind is an error and nothing else', async () => {
  const noise = (seed: number) =>
    Buffer.from(Array.from({ length: 3_000 }, (_, i) => (Math.imul(i + seed, 2654435761) >>> 13) & 255))
  const whole = { pdf: await pdfBytes(['One.', 'Two.']), docx: await docxBytes([{ heading: 'A' }, { text: 'b' }]) }
  for (let seed = 1; seed <= 12; seed++) {
    for (const [type, file] of Object.entries(whole)) {
      const damaged = Uint8Array.from(file)
      damaged.set(noise(seed).subarray(0, 200), 8 + Math.floor((file.length - 300) * (seed / 13)))
      await read(type as DocumentType, damaged).catch((err) =>
        assert.match(err.code, /^(corrupt|invalid_argument|resource_exhausted)$/),
      )
    }
    for (const [type, start] of [
      ['pdf', '%PDF-1.7\n'],
      ['docx', 'PK\u0003\u0004'],
      ['xlsx', 'PK\u0003\u0004'],
      ['csv', ''],
      ['html', '<p'],
      ['json', '{"'],
    ] as const)
      await read(type, Buffer.concat([Buffer.from(start), noise(seed)])).catch((err) =>
        assert.match(err.code, /^(corrupt|invalid_argument|resource_exhausted)$/),
      )
  }
  await stillWorks()
})
