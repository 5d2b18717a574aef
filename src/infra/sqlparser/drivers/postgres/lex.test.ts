import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadModule, parseSync, scanSync } from 'libpg-query'
import { Random } from '../../../../../test-kit/random.ts'
import { loadKeywords } from './keywords.ts'
import { lex } from './lex.ts'

await loadModule()
const keywords = loadKeywords()

/** The tokens by the server's own lexer, which counts in bytes. */
function served(sql: string): string[] | undefined {
  try {
    const bytes = Buffer.from(sql)
    return scanSync(sql)
      .tokens.filter(({ tokenName }) => !tokenName.includes('COMMENT'))
      .map(({ start, end }) => bytes.subarray(start, end).toString())
  } catch {
    return undefined
  }
}

function ours(sql: string): string[] | undefined {
  try {
    return lex(sql, { keywords, acceptBackquotes: false }).tokens.map(({ text }) => text)
  } catch {
    return undefined
  }
}

const PIECES = [
  ...'( ) [ ] , . ; : + - * / % ^ < > = ~ ! @ # & | :: .. := => -> ->> #>> @> <@ || && <= >= <> != ~* !~* @- *- +- -+ |/'.split(
    ' ',
  ),
  ..."a B \"q\"\"x\" 's' 'it''s' E'a\\'b' e'\\\\' $$d$$ 1 1.5 .5 1. 1e3 0x1F 1_000 1..2 $1 $2 B'01' x'ff' U&'d' é 日本 _a$1".split(
    ' ',
  ),
  ...[
    '$t$ x $t$',
    ' -- c\n',
    '--x\n',
    ' /* a /* b */ c */ ',
    "'a'\n'b'",
    "'a' 'b'",
    ' ',
    '\n',
    '\t',
    'select',
    'FROM',
    'null',
    'a.b',
  ],
]

test('the lexer finds the tokens that the server finds', () => {
  const random = new Random(7)
  let compared = 0
  for (let count = 0; count < 6_000; count += 1) {
    const sql = Array.from(
      { length: 1 + random.below(10) },
      () => `${random.pick(PIECES)}${random.below(3) === 0 ? ' ' : ''}`,
    ).join('')
    const expected = served(sql)
    if (expected === undefined) continue
    assert.deepEqual(ours(sql), expected, JSON.stringify(sql))
    compared += 1
  }
  assert.ok(compared > 4_000)
})

test('the keywords are those of the server', () => {
  const kinds: Readonly<Record<string, string>> = {
    RESERVED_KEYWORD: 'reserved',
    UNRESERVED_KEYWORD: 'unreserved',
    COL_NAME_KEYWORD: 'column-name',
    TYPE_FUNC_NAME_KEYWORD: 'type-or-function',
  }
  for (const [word, kind] of keywords) assert.equal(kinds[scanSync(word).tokens[0]?.keywordName ?? ''], kind, word)
  assert.equal(keywords.size, 494)
})

test('question marks are parameters where a value is due, and operators behind values', () => {
  const table: [sql: string, tokens: string][] = [
    ['a = ?', 'a = ?p'],
    ['a>?', 'a > ?p'],
    ['a>=?', 'a >= ?p'],
    ['a ? b', 'a ?o b'],
    ['a?b', 'a ?o b'],
    ["data ? 'k' AND age > ?", "data ?o 'k' AND age > ?p"],
    ["data ?| ARRAY['x']", "data ?|o ARRAY [ 'x' ]"],
    ['data ?& ?', 'data ?&o ?p'],
    ['data ?? ', 'data ?o ?p'],
    ['data ?= b', 'data ?=o b'],
    ['data ?=? ', 'data ?=o ?p'],
    ['a ?||? ', 'a ?||o ?p'],
    ['j @? ?', 'j @?o ?p'],
    ['?', '?p'],
    ['(?, ?)', '( ?p , ?p )'],
    ['?::int', '?p :: int'],
    ['? + ?', '?p + ?p'],
    ['-?', '- ?p'],
    ['?-?', '?p - ?p'],
    ['a ||?|| b', 'a || ?p || b'],
    ['LIMIT ? OFFSET ?', 'LIMIT ?p OFFSET ?p'],
    ['x BETWEEN ? AND ?', 'x BETWEEN ?p AND ?p'],
    ['x LIKE ? ESCAPE ?', 'x LIKE ?p ESCAPE ?p'],
    ['ORDER BY ?', 'ORDER BY ?p'],
    ['t.by ? x', 't . by ?o x'],
    ['NULL ? x', 'NULL ?o x'],
    ['a[1] ? x', 'a [ 1 ] ?o x'],
    ['\'?\' "?" $$?$$', '\'?\' "?" $$?$$'],
    ['a /* ? */ = ? -- ?', 'a = ?p'],
  ]
  for (const [sql, want] of table) {
    const { tokens } = lex(sql, { keywords, acceptBackquotes: false })
    const mark = (kind: string, text: string) =>
      kind === 'parameter' ? 'p' : kind === 'operator' && text.includes('?') ? 'o' : ''
    assert.equal(tokens.map(({ kind, text }) => text + mark(kind, text)).join(' '), want)
  }
})

test('two texts are one where the server makes them one', () => {
  const separate = "SELECT 'a' 'b'"
  assert.throws(() => parseSync(separate))
  assert.equal(lex("'a' \n 'b'", { keywords, acceptBackquotes: false }).tokens.length, 1)
  assert.equal(lex("'a' 'b'", { keywords, acceptBackquotes: false }).tokens.length, 2)
})
