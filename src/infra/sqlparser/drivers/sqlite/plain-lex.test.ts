import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Random } from '../../../../../test-kit/random.ts'
import { CASES } from '../../../../../test-kit/sql-cases-sqlite.ts'
import { mutate } from '../../../../../test-kit/sql-mutants.ts'
import { fullLex, loadGrammar } from './lex.ts'
import { plainLex } from './plain-lex.ts'

const STATEMENTS = Object.values(CASES).flatMap((items) => items.map(([sql]) => sql))
const grammar = loadGrammar()

/** Whether the statement is plain; then both must have read it alike. */
function isPlain(sql: string): boolean {
  const plain = plainLex(sql, grammar.keywords)
  if (plain === undefined) return false
  assert.deepEqual({ tokens: plain, comments: [] }, { ...fullLex(grammar, sql) }, JSON.stringify(sql))
  return true
}

test('plain statements are read as the tokenizer of the engine reads them', () => {
  const random = new Random(20_261_127)
  let plain = STATEMENTS.filter(isPlain).length
  assert.ok(plain > STATEMENTS.length / 3, `${plain} of ${STATEMENTS.length} statements`)
  for (let count = 0; count < 4_000; count += 1)
    if (isPlain(mutate(random, random.pick(STATEMENTS), STATEMENTS))) plain += 1
  assert.ok(plain > 1_000, `${plain} statements`)
})

test('any two signs and words side by side are read as the tokenizer reads them', () => {
  const parts = [
    ...'()[]{},;.+-*/%&|~=<>!?@#$:\'"`\\^ \n\t\v\f\r\0',
    'a',
    'é',
    '1',
    '0x1',
    'x',
    'SELECT',
    'in',
    "'a'",
    '1.5',
    '1e5',
    '_',
    '\u{1f600}',
    '\ufeff',
    '\u00a0',
  ]
  for (const a of parts)
    for (const b of parts)
      for (const c of ['', 'a', '1', "'"]) {
        let full: unknown
        try {
          full = { ...fullLex(grammar, a + b + c) }
        } catch {
          full = undefined
        }
        const plain = plainLex(a + b + c, grammar.keywords)
        if (plain !== undefined) assert.deepEqual({ tokens: plain, comments: [] }, full, JSON.stringify(a + b + c))
      }
})
