import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import { AppError, ERROR_CODES, messageOf } from '../src/base/errors.ts'
import { main } from '../src/cli/cli.ts'
import { SETTINGS } from '../src/config/settings.ts'
import { problemOf } from '../src/http/problem.ts'
import { temporaryFolder } from '../test-kit/tmp.ts'

const DOCS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...globSync('docs/*.md'),
]
const read = (file: string) => readFileSync(file, 'utf8')

/** The cells of every table row in a text, without the rows of headings and lines. */
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
/** What stands between backticks. */
const codesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
const withoutFences = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '')
/** Sections by their heading of one level, up to the next of the same. */
const sectionsOf = (text: string, level: string): { heading: string; body: string }[] =>
  text
    .split(new RegExp(`^${level} `, 'm'))
    .slice(1)
    .map((part) => ({ heading: part.split('\n', 1)[0] ?? '', body: part }))

describe('docs/errors.md', () => {
  const text = read('docs/errors.md')
  const [codes = '', reasons = ''] = text.split('## Reasons')

  test('lists exactly the error codes, each with what it becomes', () => {
    const said = rowsOf(codes).filter(([code = '']) => code.startsWith('`'))
    const expected = ERROR_CODES.map((code) => {
      const err = new AppError(code, 'x')
      const { status, body } = problemOf(err, '')
      return [`\`${code}\``, err.retryable ? 'yes' : 'no', String(status), String(body.code)]
    })
    assert.deepEqual(
      said.map(([code, , ...rest]) => [code, ...rest]),
      expected,
    )
  })

  test('lists exactly the finer reasons', () => {
    const inSource = /BY_REASON[^{]*\{([\s\S]*?)\n\}/.exec(read('src/http/problem.ts'))?.[1] ?? ''
    const names = [...inSource.matchAll(/^ {2}(\w+):/gm)].map((match) => match[1] ?? '')
    const said = rowsOf(reasons).filter(([reason = '']) => reason.startsWith('`'))
    const expected = names.map((reason) => {
      const { status, body } = problemOf(new AppError('internal', 'x', { details: { reason } }), '')
      return [`\`${reason}\``, String(status), String(body.code)]
    })
    assert.deepEqual(
      said.map(([reason, , ...rest]) => [reason, ...rest]),
      expected,
    )
  })
})

describe('docs/providers.md', () => {
  const chapters = sectionsOf(read('docs/providers.md'), '##')
  /** Those that a URI opens. */
  const openers = globSync('src/infra/*/open.ts').filter((file) => read(file).includes('_SCHEMES'))

  for (const file of openers.sort())
    test(`has every scheme of ${file}, and of each every parameter and no other`, async () => {
      await using home = await temporaryFolder()
      const module = (await import(join('..', file))) as Record<string, unknown>
      for (const [constant, schemes] of Object.entries(module).filter(([name]) => name.endsWith('_SCHEMES'))) {
        // vectors apart from the search index are opened beside it
        const isOpener = constant.startsWith('VECTOR') ? /^openVectors/ : /^open(?!Vectors)[A-Z]/
        const open = Object.entries(module).find(([name]) => isOpener.test(name))?.[1] as (
          uri: string,
          options: object,
        ) => Promise<unknown>
        const known = new Map<string, string[]>()
        for (const scheme of Object.keys(schemes as object))
          known.set(scheme, await parametersOf(open, scheme, home.path))

        const setting = settingOf(await refusalOf(open('no-such-scheme:', { home: home.path })))
        const chapter = chapters.find(({ heading }) => heading.includes(`\`${setting}\``))
        assert.ok(chapter, `there is no chapter with \`${setting}\` in its heading`)
        const said = new Map<string, string[]>()
        for (const { heading, body } of sectionsOf(chapter.body, '###'))
          for (const scheme of codesIn(heading).map((uri) => uri.split(':', 1)[0] ?? ''))
            said.set(
              scheme,
              rowsOf(body)
                .flatMap(([names = '']) => codesIn(names))
                .sort(),
            )
        assert.deepEqual(said, known)
      }
    })

  /** A driver names its parameters when it is given one that it does not know. */
  async function parametersOf(
    open: (uri: string, options: object) => Promise<unknown>,
    scheme: string,
    home: string,
  ): Promise<string[]> {
    for (const place of ['', './x', '//localhost/x']) {
      const text = await refusalOf(open(`${scheme}:${place}?no_such_parameter=1`, { home, publicUrl: () => '' }))
      if (text.includes('it takes none')) return []
      const list = /has no parameter "no_such_parameter"; known: (.*)$/.exec(text)?.[1]
      if (list !== undefined) return list.split(', ').sort()
    }
    assert.fail(`${scheme}: does not say which parameters it knows`)
  }

  const settingOf = (text: string): string => /^(\w+):/.exec(text)?.[1] ?? text
  const refusalOf = (opening: Promise<unknown>): Promise<string> =>
    opening.then(() => assert.fail('it opened'), messageOf)

  test('calls no scheme missing that is there', () => {
    const missing = rowsOf(chapters.find(({ heading }) => heading.includes('does not have'))?.body ?? '')
    assert.ok(missing.length > 1)
    for (const [setting = '', uris = ''] of missing)
      for (const scheme of codesIn(uris).map((uri) => uri.split(':', 1)[0] ?? ''))
        for (const opener of openers.filter((file) => read(file).includes(`'${codesIn(setting)[0]}'`)))
          assert.doesNotMatch(read(opener), new RegExp(`^ {2}'?${scheme}'?:`, 'm'), `${opener} has ${scheme}:`)
  })
})

test('docs/api.md lists exactly the calls of openapi.json', () => {
  const { paths } = JSON.parse(read('openapi.json')) as { paths: Record<string, Record<string, unknown>> }
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const said = rowsOf(read('docs/api.md')).flatMap(([call = '']) => codesIn(call).filter((code) => / \//.test(code)))
  assert.deepEqual(said.sort(), calls.sort())
})

test('docs/troubleshooting.md holds no message that Snug does not write', () => {
  const sources = [
    ...globSync('src/**/*.ts').filter((file) => !file.endsWith('.test.ts')),
    'scripts/check-node.mjs',
    'snug',
  ]
  // Long texts are put together from pieces; some come from Node itself.
  const all = sources
    .map(read)
    .join('\n')
    .replace(/['"`] \+\s*\n\s*['"`]/g, '')
    .replaceAll("\\'", "'")
  const foreign = new Set(['ENOSPC: no space left on device'])
  const wrong: string[] = []
  for (const [messages = ''] of rowsOf(read('docs/troubleshooting.md')))
    for (const message of codesIn(messages).filter((text) => !foreign.has(text)))
      for (const piece of message.split('…').map((part) => part.trim()))
        if (piece.length > 2 && !all.includes(piece)) wrong.push(`${message}: "${piece}"`)
  assert.deepEqual(wrong, [])
})

test('the examples of docs/patterns.md stand in the files that they name', () => {
  const examples = [...read('docs/patterns.md').matchAll(/^```ts (\S+)\n([\s\S]*?)^```/gm)]
  assert.ok(examples.length > 5)
  for (const [, file = '', code = ''] of examples) {
    const there = new Set(read(file).split('\n'))
    for (const line of code.split('\n').filter((text) => text.trim() !== '' && text.trim() !== '…'))
      assert.ok(there.has(line), `${file} has no line ${line}`)
  }
})

test('every relative link leads somewhere', () => {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  const broken: string[] = []
  for (const file of DOCS)
    for (const [, target = ''] of withoutFences(read(file)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const linked = path === '' ? file : join(dirname(file), path)
      if (!existsSync(linked)) broken.push(`${file}: ${target}`)
      else if (anchor !== undefined) {
        const anchors = [...read(linked).matchAll(/^#+ (.*)$/gm)].map((match) => slug(match[1] ?? ''))
        if (!anchors.includes(anchor)) broken.push(`${file}: ${target}`)
      }
    }
  assert.deepEqual(broken, [])
})

describe('what is typed', () => {
  /** Everything between backticks and in fences, where commands stand; continued lines are one. */
  const typedIn = (file: string): string[] => {
    const text = read(file)
    const fences = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '')
    return [...fences.flatMap((fence) => fence.split('\n')), ...codesIn(withoutFences(text).replaceAll('\n', ' '))]
  }
  const typed = DOCS.filter((file) => file !== 'CHANGELOG.md').flatMap((file) =>
    typedIn(file).map((line) => ({ file, line })),
  )
  const help = async (...words: string[]): Promise<{ code: number; text: string }> => {
    const out = new PassThrough()
    const code = await main([...words, '--help'], {
      ...{ stdin: new PassThrough(), stdout: out, stderr: out, env: {}, cwd: () => '.', on: () => process },
    } as Parameters<typeof main>[1])
    return { code, text: String(out.read() ?? '') }
  }

  test('every target of make exists', () => {
    const targets = [...read('Makefile').matchAll(/^([a-z][a-z-]*):/gm)].map((match) => match[1])
    for (const { file, line } of typed)
      for (const [, target] of line.matchAll(/(?:^|[\s;&|"])make ([a-z][a-z-]*)/g))
        assert.ok(targets.includes(target), `${file}: make ${target}`)
  })

  test('every command of snug exists and takes the flags that are shown', async () => {
    for (const { file, line } of typed) {
      const [, command = '', words = ''] = /(?:^|[\s/("])snug ([a-z]+)([^|>)#;]*)/.exec(line) ?? []
      if (command === '' || command === 'serv') continue
      const { code, text } = await help(command)
      assert.equal(code, 0, `${file}: snug ${command}`)
      for (const [flag] of words.matchAll(/--[a-z-]+/g))
        assert.ok(text.includes(flag), `${file}: snug ${command} ${flag}`)
    }
  })

  test('every script of npm and every file that is run exists', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    for (const { file, line } of typed) {
      for (const [, script = ''] of line.matchAll(/npm run ([\w-]+)/g))
        assert.ok(script in scripts, `${file}: ${script}`)
      for (const [path] of line.matchAll(/(?:examples|bench|scripts|src|test)\/[\w./-]+\.(?:ts|sh|py|mjs)\b/g))
        assert.ok(existsSync(path), `${file}: ${path}`)
    }
  })

  test('every variable that is named is known to some source', () => {
    const known = new Set(
      Object.values(SETTINGS).flatMap((setting) => [setting.env, ...('aliases' in setting ? setting.aliases : [])]),
    )
    const sources = ['src/**/*.ts', 'scripts/**/*.ts', 'test/**/*.ts', 'examples/**/*.*']
      .flatMap((pattern) => globSync(pattern))
      .map(read)
      .join('\n')
    for (const { file, line } of typed)
      for (const [name] of line.matchAll(/\b[A-Z]{2,}(?:_[A-Z]+)+\b/g))
        assert.ok(known.has(name) || sources.includes(name), `${file}: ${name}`)
  })
})
