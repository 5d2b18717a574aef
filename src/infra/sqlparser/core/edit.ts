import type { SqlParserDriver, Statement, Token } from '../driver.ts'
import { type Piece, piece } from './print.ts'
import type { NameEdit } from './resolve.ts'

/** A name as a token: quoted when it must be, or when it replaces a quoted one. */
export function namePiece(driver: SqlParserDriver, name: string, role: Piece['role'], like?: Token): Piece {
  if (like?.kind === 'quoted' || driver.needsQuote(name)) return piece('quoted', driver.quote(name), role)
  return piece('word', name, role)
}

/** The tokens of a statement with names replaced. */
export function applyNames(driver: SqlParserDriver, tokens: readonly Token[], edits: ReadonlyMap<number, NameEdit>) {
  if (edits.size === 0) return tokens
  const pieces: Piece[] = []
  tokens.forEach((token, index) => {
    const edit = edits.get(index)
    if (edit === undefined) {
      pieces.push(token)
      return
    }
    if (edit.qualifier !== undefined)
      pieces.push(namePiece(driver, edit.qualifier, 'qualifier'), piece('punctuation', '.'))
    pieces.push(namePiece(driver, edit.name, token.role, token))
  })
  return pieces
}

/** Pieces to put before tokens, by token index; the number of tokens stands for the end. */
export class Insertions {
  readonly #statement: Statement
  readonly #before = new Map<number, Piece[]>()
  readonly #instead = new Map<number, readonly Piece[]>()

  constructor(statement: Statement) {
    this.#statement = statement
  }

  before(index: number, ...pieces: readonly Piece[]): void {
    const at = this.#before.get(index)
    if (at === undefined) this.#before.set(index, [...pieces])
    else at.push(...pieces)
  }

  instead(index: number, pieces: readonly Piece[]): void {
    this.#instead.set(index, pieces)
  }

  apply(): Piece[] {
    const pieces: Piece[] = []
    const { tokens } = this.#statement
    for (let index = 0; index <= tokens.length; index += 1) {
      for (const added of this.#before.get(index) ?? []) pieces.push(added)
      const token = tokens[index]
      if (token === undefined) break
      const instead = this.#instead.get(index)
      if (instead === undefined) pieces.push(token)
      else for (const added of instead) pieces.push(added)
    }
    return pieces
  }
}
