import type { Token } from '../driver.ts'

/** Where the clauses of one SELECT, UPDATE or DELETE begin and end, as token indexes. */
export type Block = {
  /** The token that begins it: SELECT, UPDATE, DELETE, or the DO of ON CONFLICT … DO UPDATE. */
  readonly start: number
  listEnd?: number
  where?: { readonly first: number; readonly end: number }
  whereAt?: number
  phase: 'list' | 'from' | 'where' | 'after'
}

export type Blocks = {
  /** By the index of the token that begins them. */
  readonly byStart: ReadonlyMap<number, Block>
  /** The innermost block around each token. */
  readonly around: readonly (Block | undefined)[]
}

export type BlocksOptions = {
  /** Reserved words, in capitals, that may follow the WHERE clause of a block, or its place. */
  stops: ReadonlySet<string>
  /** True where reserved words may follow AS and a dot as plain names. */
  reservedAfterAs: boolean
}

const SET_OPERATIONS: ReadonlySet<string> = new Set(['UNION', 'INTERSECT', 'EXCEPT'])

/**
 * Finds the clauses of a statement that a parser has accepted, for parsers that do not tell where clauses end. The words
 * that it looks for are reserved, so outside of brackets they are nothing else.
 */
export function findBlocks(tokens: readonly Token[], { stops, reservedAfterAs }: BlocksOptions): Blocks {
  const byStart = new Map<number, Block>()
  const around: (Block | undefined)[] = []
  const outer: (Block | undefined)[] = []
  let block: Block | undefined
  const begin = (start: number) => {
    block = { start, phase: 'list' }
    byStart.set(start, block)
  }
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]
    if (token === undefined) break
    if (token.kind === 'punctuation') {
      if (token.text === '(' || token.text === '[') {
        around.push(block)
        outer.push(block)
        block = undefined
        continue
      }
      if (token.text === ')' || token.text === ']') {
        if (block !== undefined) stop(block, index)
        block = outer.pop()
      }
    }
    const word = token.role === 'keyword' ? token.text.toUpperCase() : ''
    const before = wordAt(tokens, index - 1)
    const isName = reservedAfterAs && (before === '.' || (before === 'AS' && block?.phase === 'list'))
    if (word !== '' && !isName) {
      if (word === 'SELECT') begin(index)
      else if ((word === 'UPDATE' || word === 'DELETE') && STARTS.has(before)) begin(index)
      else if (word === 'DO' && wordAt(tokens, index + 1) === 'UPDATE') begin(index)
      else if (block !== undefined) advance(tokens, index, block, word, before, stops)
      if (SET_OPERATIONS.has(word)) block = undefined
    }
    around.push(block)
  }
  while (block !== undefined || outer.length > 0) {
    if (block !== undefined) stop(block, tokens.length)
    block = outer.pop()
  }
  return { byStart, around }
}

/** What may stand before the UPDATE or DELETE of a statement: nothing, or what ends a WITH clause. */
const STARTS: ReadonlySet<string> = new Set(['', '(', ')'])

function advance(
  tokens: readonly Token[],
  index: number,
  block: Block,
  word: string,
  before: string,
  stops: ReadonlySet<string>,
): void {
  if (word === 'FROM') {
    if (before !== 'DISTINCT' && block.phase === 'list') {
      block.listEnd = index
      block.phase = 'from'
    }
  } else if (word === 'WHERE') {
    if (block.phase === 'list' || block.phase === 'from') {
      block.listEnd ??= index
      block.where = { first: index + 1, end: index + 1 }
      block.phase = 'where'
    }
  } else if (stops.has(word) && before !== 'WITHIN') stop(block, index)
  else if (word === 'ON' && wordAt(tokens, index + 1) === 'CONFLICT') {
    if (wordAt(tokens, index + 2) === 'DO' || wordAt(tokens, index + 2) === '(') stop(block, index)
  }
}

function stop(block: Block, index: number): void {
  if (block.phase === 'where' && block.where !== undefined) block.where = { first: block.where.first, end: index }
  else if (block.phase !== 'after') {
    block.listEnd ??= index
    block.whereAt = index
  }
  block.phase = 'after'
}

/** The keyword or punctuation at an index, in capitals; '' at the ends, '?' for anything else. */
function wordAt(tokens: readonly Token[], index: number): string {
  const token = tokens[index]
  if (token === undefined) return ''
  return token.role === 'keyword' || token.kind === 'punctuation' ? token.text.toUpperCase() : '?'
}
