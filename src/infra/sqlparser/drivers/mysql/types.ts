import { acceptCharacterSet, charset } from './charsets.ts'
import type { Parser } from './parser.ts'

const GEOMETRIES: readonly string[] = [
  ...[
    'GEOMETRY',
    'GEOMETRYCOLLECTION',
    'GEOMCOLLECTION',
    'POINT',
    'MULTIPOINT',
    'LINESTRING',
    'MULTILINESTRING',
    'POLYGON',
  ],
  'MULTIPOLYGON',
]

/** How many numbers may stand in brackets behind a type: `decimal(10, 2)`; `texts`: a list of texts as in `enum`. */
type TypeShape = {
  readonly numbers: 0 | 1 | 2 | 'pair'
  /** The numbers must be there. */
  readonly required?: boolean
  /** UNSIGNED and ZEROFILL may follow. */
  readonly numeric?: boolean
  /** A character set may follow. */
  readonly character?: boolean
}

const CAST_TYPES: ReadonlyMap<string, TypeShape> = new Map<string, TypeShape>([
  ...['DATE', 'JSON', 'YEAR', 'REAL', 'DOUBLE', ...GEOMETRIES].map((name) => [name, { numbers: 0 }] as const),
  ...['BINARY', 'NCHAR', 'TIME', 'DATETIME', 'FLOAT'].map((name) => [name, { numbers: 1 }] as const),
  ...['CHAR', 'CHARACTER'].map((name) => [name, { numbers: 1, character: true }] as const),
  ...['DECIMAL', 'DEC'].map((name) => [name, { numbers: 2 }] as const),
  ...['SIGNED', 'UNSIGNED'].map((name) => [name, { numbers: 0 }] as const),
])

/** Reads a type as CAST, CONVERT and JSON_VALUE take it. */
export function castType(p: Parser): void {
  const { word } = p.token
  const shape = CAST_TYPES.get(word)
  if (shape === undefined) throw p.expected('a type such as CHAR or SIGNED')
  skip(p)
  if (word === 'SIGNED' || word === 'UNSIGNED') {
    if (p.is('INT') || p.is('INTEGER')) skip(p)
  } else if (word === 'DOUBLE' && p.is('PRECISION')) skip(p)
  sizes(p, shape)
  if (shape.character === true) characterSet(p)
}

/** Reads words of a type: these are printed as written. */
function skip(p: Parser): void {
  p.advance()
}

const NUMBERS: TypeShape = { numbers: 1, numeric: true }
const DECIMALS: TypeShape = { numbers: 2, numeric: true }
const DOUBLES: TypeShape = { numbers: 'pair', numeric: true }
const TEXTS: TypeShape = { numbers: 0, character: true }
const SIZED_TEXT: TypeShape = { numbers: 1, character: true }
const BYTES: TypeShape = { numbers: 1 }
const NOTHING: TypeShape = { numbers: 0 }

const COLUMN_TYPES: ReadonlyMap<string, TypeShape> = new Map<string, TypeShape>([
  ...['INT', 'INTEGER', 'TINYINT', 'SMALLINT', 'MEDIUMINT', 'MIDDLEINT', 'BIGINT', 'INT1', 'INT2', 'INT3', 'INT4'].map(
    (name) => [name, NUMBERS] as const,
  ),
  ...['INT8', 'YEAR'].map((name) => [name, NUMBERS] as const),
  ...['DECIMAL', 'DEC', 'NUMERIC', 'FIXED', 'FLOAT', 'FLOAT4'].map((name) => [name, DECIMALS] as const),
  ...['DOUBLE', 'FLOAT8', 'REAL'].map((name) => [name, DOUBLES] as const),
  ...['BOOL', 'BOOLEAN', 'SERIAL', 'DATE', 'JSON', 'TINYBLOB', 'MEDIUMBLOB', 'LONGBLOB', ...GEOMETRIES].map(
    (name) => [name, NOTHING] as const,
  ),
  ...['BIT', 'TIME', 'TIMESTAMP', 'DATETIME', 'BINARY', 'BLOB'].map((name) => [name, BYTES] as const),
  ['VARBINARY', { numbers: 1, required: true }],
  ...['CHAR', 'CHARACTER', 'TEXT'].map((name) => [name, SIZED_TEXT] as const),
  ...['NCHAR', 'NATIONAL'].map((name) => [name, { numbers: 1 }] as const),
  ...['VARCHAR', 'VARCHARACTER'].map((name) => [name, { numbers: 1, required: true, character: true }] as const),
  ['NVARCHAR', { numbers: 1, required: true }],
  ...['TINYTEXT', 'MEDIUMTEXT', 'LONGTEXT'].map((name) => [name, TEXTS] as const),
])

/** Reads the type of a column. */
export function columnType(p: Parser): void {
  const { word } = p.token
  if (word === 'ENUM' || word === 'SET') {
    skip(p)
    p.list(member)
    characterSet(p)
    return
  }
  if (word === 'LONG') {
    long(p)
    return
  }
  const shape = COLUMN_TYPES.get(word)
  if (shape === undefined) throw p.expected('a type of a column')
  skip(p)
  let required = shape.required === true
  if (word === 'DOUBLE' && p.is('PRECISION')) skip(p)
  if (word === 'NATIONAL') required = national(p)
  if (
    (word === 'CHAR' || word === 'CHARACTER' || word === 'NCHAR') &&
    (p.is('VARYING') || p.is('VARCHAR') || p.is('VARCHARACTER'))
  ) {
    skip(p)
    required = true
  }
  if (required && !p.is('(')) throw p.expected('a length in brackets')
  sizes(p, shape)
  if (shape.numeric === true) while (p.is('UNSIGNED') || p.is('SIGNED') || p.is('ZEROFILL')) skip(p)
  if (shape.character === true) characterSet(p)
  else if (p.is('BINARY') && (word === 'NCHAR' || word === 'NATIONAL' || word === 'NVARCHAR')) skip(p)
}

/** A member of ENUM or SET: a text, which may be written as bits. */
function member(p: Parser): void {
  if (p.token.kind === 'number' && /^0[xb]/.test(p.token.text)) p.advance()
  else p.text()
}

/** `NATIONAL CHAR`, `NATIONAL VARCHAR`, `NATIONAL CHAR VARYING`; true when a length must follow. */
function national(p: Parser): boolean {
  if (p.is('VARCHAR') || p.is('VARCHARACTER')) {
    skip(p)
    return true
  }
  if (!p.is('CHAR') && !p.is('CHARACTER')) throw p.expected('CHAR or VARCHAR')
  skip(p)
  if (!p.is('VARYING')) return false
  skip(p)
  return true
}

/** `LONG`, `LONG VARCHAR`, `LONG VARBINARY`: other names of MEDIUMTEXT and MEDIUMBLOB. */
function long(p: Parser): void {
  skip(p)
  if (p.is('VARBINARY')) {
    skip(p)
    return
  }
  if ((p.is('CHAR') || p.is('CHARACTER')) && p.peek(1).word === 'VARYING') {
    skip(p)
    skip(p)
  } else if (p.is('VARCHAR') || p.is('VARCHARACTER')) skip(p)
  characterSet(p)
}

function sizes(p: Parser, { numbers }: TypeShape): void {
  if (numbers === 0 || !p.accept('(')) return
  length(p)
  if (numbers === 'pair') p.expect(',')
  if (numbers === 'pair' || (numbers === 2 && p.accept(','))) length(p)
  p.expect(')')
}

function length(p: Parser): void {
  if (!/^\d+$/.test(p.token.text)) throw p.expected('a length')
  p.advance()
}

const SETS: ReadonlySet<string> = new Set(['ASCII', 'UNICODE', 'BYTE'])

function characterSet(p: Parser): void {
  if (p.is('BINARY')) skip(p)
  if (acceptCharacterSet(p)) charset(p)
  else if (SETS.has(p.token.word)) skip(p)
  if (p.is('BINARY')) skip(p)
}
