import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqlValue } from '../../driver.ts'
import { lex } from './lexer.ts'
import { literal, nameOf, needsQuote, quote } from './names.ts'

test('names are read without their quotes', () => {
  const names: [written: string, name: string][] = [
    ['a', 'a'],
    ['Name', 'Name'],
    ['`a``b`', 'a`b'],
    ['`select`', 'select'],
    ['名前', '名前'],
    ["'it''s'", "it's"],
    [String.raw`'a\'b\n\\'`, "a'b\n\\"],
    ['"a""b\'"', 'a"b\''],
  ]
  for (const [written, name] of names) {
    const [token] = lex(written).tokens
    assert.ok(token)
    assert.equal(nameOf(token), name)
  }
})

test('what is quoted is read back as the same name', () => {
  for (const name of ['a', 'select', 'two words', 'a`b', '``', '氏名', "'", '"', '\\', '; DROP TABLE t', '-- ', '*/']) {
    const { tokens } = lex(quote(name))
    assert.deepEqual(tokens.map(nameOf), [name])
  }
  for (const name of ['', 'a\0b', 'a😀', 'a\ud800']) assert.throws(() => quote(name), { code: 'invalid_argument' })
})

test('names that would be something else without quotes need them', () => {
  const need = [
    'select',
    'Rank',
    'groups',
    'system',
    'count',
    'NOW',
    'two words',
    'a-b',
    '1',
    '1a',
    '1e5',
    '$a',
    '_utf8mb4',
  ]
  for (const name of [...need, 'a`b', 'a.b', '', 'parallel', 'sql_no_cache']) assert.equal(needsQuote(name), true, name)
  for (const name of ['a', 'status', 'name', 'date', 'value', 'end', 'a1', 'a$b', '_a', '名前', 'user_id', 'é'])
    assert.equal(needsQuote(name), false, name)
})

test('values become literals that are read back as one', () => {
  const table: [value: SqlValue, text: string][] = [
    [null, 'NULL'],
    [true, 'TRUE'],
    [false, 'FALSE'],
    [1, '1'],
    [-1.5, '-1.5'],
    [1e21, '1e+21'],
    [9007199254740993n, '9007199254740993'],
    [-(2n ** 63n), '-9223372036854775808'],
    ["it's", "'it''s'"],
    [String.raw`a\' OR 1=1 -- `, String.raw`'a\\'' OR 1=1 -- '`],
    ['a\nb', "'a\nb'"],
    ['😀', "'😀'"],
    [Uint8Array.of(0, 255), "x'00ff'"],
    [new Uint8Array(), "x''"],
  ]
  for (const [value, text] of table) {
    assert.equal(literal(value), text)
    if (typeof value === 'string') assert.deepEqual(lex(text).tokens.map(nameOf), [value])
  }
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 2n ** 63n, 'a\0', '\ud800'])
    assert.throws(() => literal(value), { code: 'invalid_argument' })
})
