import { acceptCharacterSet, charset } from './charsets.ts'
import type { Parser } from './parser.ts'
import { tableSource } from './table-names.ts'

type Value = (p: Parser) => void

const DEFAULTS: ReadonlySet<string> = new Set(['DEFAULT'])

const text: Value = (p) => p.text()
const number: Value = (p) => p.number()
const numberOrDefault: Value = (p) => {
  if (p.acceptOne(DEFAULTS) === undefined) p.number()
}
const nameOrText: Value = (p) => {
  if (p.token.kind === 'string') p.advance()
  else p.name('name')
}
const nameTextOrNull: Value = (p) => {
  if (!p.accept('NULL')) nameOrText(p)
}
/** `4194304` or `4M`. */
const size: Value = (p) => {
  if (/^\d+[kmg]$/i.test(p.token.text)) p.advance()
  else p.number()
}
const oneOf =
  (...words: string[]): Value =>
  (p) => {
    if (words.includes(p.token.word)) p.accept(p.token.word)
    else throw p.expected(words.join(', '))
  }

/** What follows the name of an option and `=`. */
const OPTIONS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['AUTOEXTEND_SIZE', size],
  ...['AUTO_INCREMENT', 'AVG_ROW_LENGTH', 'CHECKSUM', 'TABLE_CHECKSUM', 'DELAY_KEY_WRITE'].map(
    (name) => [name, number] as const,
  ),
  ...['MAX_ROWS', 'MIN_ROWS', 'KEY_BLOCK_SIZE'].map((name) => [name, number] as const),
  ...['STATS_AUTO_RECALC', 'STATS_PERSISTENT', 'STATS_SAMPLE_PAGES', 'PACK_KEYS'].map(
    (name) => [name, numberOrDefault] as const,
  ),
  ...['COMMENT', 'COMPRESSION', 'ENCRYPTION', 'PASSWORD', 'ENGINE_ATTRIBUTE', 'SECONDARY_ENGINE_ATTRIBUTE'].map(
    (name) => [name, text] as const,
  ),
  ['SECONDARY_ENGINE', nameTextOrNull],
  ...['ENGINE', 'TABLESPACE'].map((name) => [name, nameOrText] as const),
  ['ROW_FORMAT', oneOf('DEFAULT', 'DYNAMIC', 'FIXED', 'COMPRESSED', 'REDUNDANT', 'COMPACT')],
  ['INSERT_METHOD', oneOf('NO', 'FIRST', 'LAST')],
])

const STORAGES: ReadonlySet<string> = new Set(['DISK', 'MEMORY'])

/** Reads one option of a table, if one is next. */
export function tableOption(p: Parser): boolean {
  const { word } = p.token
  refuseOutside(p)
  const value = OPTIONS.get(word)
  if (value !== undefined) {
    p.accept(word)
    p.accept('=')
    value(p)
    return true
  }
  if (word === 'START') {
    p.accept('START')
    p.expect('TRANSACTION')
    return true
  }
  if (word === 'STORAGE') {
    p.accept('STORAGE')
    p.expectOne(STORAGES, 'DISK or MEMORY')
    return true
  }
  if (word === 'UNION') {
    // The tables that one of the engine MERGE stands for.
    p.accept('UNION')
    p.accept('=')
    p.expect('(')
    if (!p.is(')')) p.series(() => p.scope.sources.push(tableSource(p)))
    p.expect(')')
    return true
  }
  return characterSet(p)
}

/** `DEFAULT CHARACTER SET = utf8mb4`, `COLLATE = name`. */
function characterSet(p: Parser): boolean {
  const given = p.accept('DEFAULT')
  if (acceptCharacterSet(p) || p.accept('COLLATE')) {
    p.accept('=')
    if (!p.accept('DEFAULT')) charset(p)
    return true
  }
  if (given) throw p.expected('CHARACTER SET or COLLATE')
  return false
}

/** Options that reach files or other servers. */
export function refuseOutside(p: Parser): void {
  const directory = (p.is('DATA') || p.is('INDEX')) && p.peek(1).word === 'DIRECTORY'
  if (directory || (p.is('CONNECTION') && p.peek(1).word !== '.'))
    throw p.fail('this option is not supported', p.at, 'it reaches files or another server')
}
