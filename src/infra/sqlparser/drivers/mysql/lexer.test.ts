import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SqlParseError } from '../../core/errors.ts'
import { lex } from './lexer.ts'

/** Each token as its class and its text. */
const shown = (sql: string): string =>
  lex(sql)
    .tokens.map(({ kind, text }) => `${kind} ${text}`)
    .join(' | ')

const TOKENS: readonly (readonly [sql: string, tokens: string])[] = [
  ["'it''s' \"a\"\"b\" 'x\\'y'", "string 'it''s' | string \"a\"\"b\" | string 'x\\'y'"],
  ["N'a' n'b' N 'c'", "string N'a' | string n'b' | word N | string 'c'"],
  ["_utf8mb4'a' _latin1\"b\" _binary 'c'", "string _utf8mb4'a' | string _latin1\"b\" | word _binary | string 'c'"],
  ["x'4A' X'' b'01' xy", "string x'4A' | string X'' | string b'01' | word xy"],
  ['0x1F 0b01 0x 0xg 0X1F', 'number 0x1F | number 0b01 | word 0x | word 0xg | word 0X1F'],
  [
    '1 1. .5 1.5 1e5 1E-5 1.e5 .5e1',
    'number 1 | number 1. | number .5 | number 1.5 | number 1e5 | number 1E-5 | number 1.e5 | number .5e1',
  ],
  ['1a 1e 1e2t 1.a', 'word 1a | word 1e | number 1e2 | word t | number 1. | word a'],
  [
    '-.12 a-.12 (.12)',
    'operator - | number .12 | word a | operator - | number .12 | punctuation ( | number .12 | punctuation )',
  ],
  ['t.1 t.1e5 t .5', 'word t | punctuation . | word 1 | word t | punctuation . | word 1e5 | word t | number .5'],
  ['`a``b` `select`', 'quoted `a``b` | quoted `select`'],
  [
    "@a @'a b' @`c` @a.b @@sql_mode @@global.x",
    "variable @a | variable @'a b' | variable @`c` | variable @a.b | variable @@sql_mode | variable @@global.x",
  ],
  [
    'a<=>b<>c!=d<=e',
    'word a | operator <=> | word b | operator <> | word c | operator != | word d | operator <= | word e',
  ],
  [
    'a->>b->c||d&&e<<f:=g',
    'word a | operator ->> | word b | operator -> | word c | operator || | word d | operator && | word e | operator << | word f | operator := | word g',
  ],
  ['{d ?}', 'operator { | word d | parameter ? | operator }'],
  ['$a a$b 名前 é', 'word $a | word a$b | word 名前 | word é'],
  ['\\N', 'word \\N'],
  ['a--1', 'word a | operator - | operator - | number 1'],
]

test('texts, numbers, names and signs are told apart', () => {
  for (const [sql, tokens] of TOKENS) assert.equal(shown(sql), tokens)
})

test('tokens know where they stand, counted in UTF-16 units', () => {
  const sql = "SELECT '😀', 名前 -- x\n, `a`"
  for (const { text, start, end } of lex(sql).tokens) assert.equal(sql.slice(start, end), text)
})

const COMMENTS: readonly (readonly [sql: string, tokens: string])[] = [
  ['1 -- a\n2', 'number 1 | number 2'],
  ['1 --', 'number 1'],
  ['1 --\t2', 'number 1'],
  ['1 # a\n2', 'number 1 | number 2'],
  // Only a line feed ends a line: for the server the rest is a comment, so it must be one here.
  ['1 # a\r2', 'number 1'],
  ['1/* a\n * b */2', 'number 1 | number 2'],
  ['1 /* /* */ 2', 'number 1 | number 2'],
  ['1 /**/ 2', 'number 1 | number 2'],
  ["1 '-- # /* */' 2", "number 1 | string '-- # /* */' | number 2"],
]

test('comments are no tokens, but are told of', () => {
  for (const [sql, tokens] of COMMENTS) assert.equal(shown(sql), tokens, sql)
  assert.deepEqual(lex('1 -- a\n/* b */').comments, [
    { start: 2, end: 7 },
    { start: 7, end: 14 },
  ])
  assert.deepEqual(lex("'-- a'").comments, [])
})

test('a word beside a point is a name, whatever it is elsewhere', () => {
  const roles = (sql: string) => lex(sql).tokens.map(({ text, role }) => (role === 'keyword' ? text.toUpperCase() : ''))
  assert.deepEqual(roles('select t.select'), ['SELECT', '', '', ''])
  assert.deepEqual(roles('select select.a'), ['SELECT', '', '', ''])
  assert.deepEqual(roles('select t. select'), ['SELECT', '', '', 'SELECT'])
  assert.deepEqual(roles('ſelect'), [''])
})

const REFUSED: readonly (readonly [sql: string, column: number])[] = [
  ["SELECT 'a", 8],
  ["SELECT 'a\\'", 8],
  ['SELECT "a', 8],
  ['SELECT `a', 8],
  ['SELECT ``', 8],
  ['SELECT `😀`', 8],
  ['SELECT 😀', 8],
  ['SELECT /* a', 8],
  ['SELECT /*! 1 */', 8],
  ['SELECT /*M!100000 1 */', 8],
  ["SELECT x'4'", 8],
  ["SELECT x'4g'", 8],
  ["SELECT b'2'", 8],
  ['SELECT 1.e', 8],
  ['SELECT ?a', 8],
  ['SELECT @', 8],
  ['SELECT @@', 8],
  ["SELECT @'a", 8],
  ['SELECT [a]', 8],
  ['SELECT a::int', 9],
  ['SELECT :a', 8],
  ['SELECT \\n', 8],
  ['SELECT \u0001', 8],
]

test('what begins no token, or does not end, is refused where it begins', () => {
  for (const [sql, column] of REFUSED)
    assert.throws(
      () => lex(sql),
      (err) => err instanceof SqlParseError && err.line === 1 && err.column === column,
      sql,
    )
})
