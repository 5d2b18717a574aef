import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { runSnug } from '../../test-kit/cli.ts'
import { docxBytes, pdfBytes } from '../../test-kit/documents.ts'
import { startServer } from '../../test-kit/server.ts'
import { temporaryFolder } from '../../test-kit/tmp.ts'

const TEXT = 'The harbour office opens at seven. Boats are washed on Fridays. The ferry to Lunde takes forty minutes.\n'

test('ask answers from files with its sources and leaves nothing behind', async () => {
  await using folder = await temporaryFolder()
  const tmp = join(folder.path, 'tmp')
  await Promise.all([
    writeFile(join(folder.path, 'harbour.txt'), TEXT),
    pdfBytes(['Canteen menu. Soup is served from noon.', 'The bakery closes at two.']).then((bytes) =>
      writeFile(join(folder.path, 'canteen.pdf'), bytes),
    ),
    import('node:fs/promises').then(({ mkdir }) => mkdir(tmp)),
  ])
  const result = await runSnug(['ask', 'harbour.txt', 'canteen.pdf', 'How long does the ferry to Lunde take?'], {
    cwd: folder.path,
    env: { TMPDIR: tmp, NODE_DISABLE_COMPILE_CACHE: '1' },
  })
  assert.equal(result.code, 0, result.stderr)
  assert.match(result.stdout, /forty minutes/)
  assert.match(result.stderr, /harbour\.txt/)
  assert.match(result.stderr, /Reading 2 files \(2 done\): 100 %/)
  assert.deepEqual(await readdir(tmp), [])
})

test('ask --keep leaves data that a server goes on with', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'harbour.docx')
  await writeFile(path, await docxBytes([{ text: TEXT }]))
  const kept = join(folder.path, 'kept')
  const result = await runSnug(['ask', path, 'When are boats washed?', '--keep', kept])
  assert.equal(result.code, 0, result.stderr)
  assert.match(result.stdout, /Fridays/)
  const password = /password: (\S+)/.exec(result.stderr)?.[1] ?? ''
  await using server = await startServer({ home: kept })
  const token = await runSnug(['token', 'create', '--server', server.url, '--email', 'owner@example.com'], {
    env: { SNUG_PASSWORD: password },
  })
  assert.match(token.stdout, /^pat_[0-9a-f]{64}\n$/, token.stderr)
  const again = await runSnug(['ask', path, 'When?', '--keep', kept])
  assert.equal(again.code, 1)
  assert.match(again.stderr, /not empty/)
})

test('ask explains what it cannot use', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'fake.pdf'), 'no pdf at all')
  await writeFile(join(folder.path, 'good.md'), TEXT)
  await writeFile(join(folder.path, 'program.exe'), 'MZ')
  const run = (...args: string[]) => runSnug(['ask', ...args], { cwd: folder.path })
  const cases: readonly [args: string[], code: number, text: RegExp][] = [
    [['only a question?'], 2, /at least one file/],
    [['missing.txt', 'why?'], 1, /missing\.txt/],
    [
      ['good.md', 'program.exe', 'why?'],
      1,
      /^ {2}\S*program\.exe: \.exe files cannot be read here; supported are txt, md/m,
    ],
    [['fake.pdf', 'why?'], 1, /fake\.pdf: .*not a PDF/],
    [['good.md', 'why?', '--kepp', 'x'], 2, /--kepp/],
  ]
  for (const [args, code, text] of cases) {
    const result = await run(...args)
    assert.equal(result.code, code, result.stderr)
    assert.match(result.stderr, text)
    assert.doesNotMatch(result.stderr, /at .*\.ts:\d+/)
  }
  const both = await run('fake.pdf', 'good.md', 'When does the harbour office open?')
  assert.equal(both.code, 0)
  assert.match(both.stderr, /left out: fake\.pdf/)
  assert.match(both.stdout, /seven/)
})
