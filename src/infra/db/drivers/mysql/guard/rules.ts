import { AppError } from '../../../../../base/errors.ts'
import type { SqlParserDriver, Statement } from '../../../../sqlparser/driver.ts'
import { openSqlParser } from '../../../../sqlparser/open.ts'
import { allowedFunctions, checkFunctions } from '../../../../sqlparser/policy/functions.ts'
import type { SqlParser } from '../../../../sqlparser/sqlparser.ts'
import type { GuardedStatement, GuardedWrite } from '../../../driver.ts'

/** A statement that may run: its text is what was read, printed without comments. */
export type Admitted = { sql: string; isWrite: boolean; replaces: boolean; rows: number | undefined }

const OPERATIONS: Readonly<Record<string, GuardedWrite>> = { INSERT: 'insert', UPDATE: 'update', DELETE: 'delete' }

const FUNCTIONS = allowedFunctions('mysql')
/** A mapping that changes nothing: without one the text would come back as it was written. */
const PRINT = { snug_none: { newTableName: 'snug_none' } }

const denied = (text: string) => new AppError('permission_denied', text)

/**
 * What stands in for an authorizer, which MySQL lacks: the statement is read by the grammar that the SQL parser has of
 * this dialect. It may name the granted tables and call harmless functions only, whatever it is; what the grammar does
 * not accept does not run. What runs is printed from what was read, so comments and hints are gone.
 */
export class Rules {
  readonly #parser: SqlParser
  readonly #grammar: SqlParserDriver

  private constructor(parser: SqlParser, grammar: SqlParserDriver) {
    this.#parser = parser
    this.#grammar = grammar
  }

  static async load(): Promise<Rules> {
    const { open } = await import('../../../../sqlparser/drivers/mysql.ts')
    return new Rules(await openSqlParser('mysql', { portableNames: false }), await open())
  }

  /** Throws `permission_denied` for what is not granted, `invalid_argument` for what is no statement of this kind. */
  admit({ sql, tables }: GuardedStatement): Admitted {
    const parser = this.#parser
    const operation = parser.getSQLOperation(sql)
    if (operation !== 'SELECT' && OPERATIONS[operation] === undefined) throw denied(`${operation} cannot run here`)
    const printed = parser.parseAndModifySQL(sql, PRINT)
    const statement = this.#grammar.parse(printed, this.#grammar.lex(printed))
    checkFunctions(printed, statement, FUNCTIONS)
    const isForeign = statement.scopes.some(({ sources }) => sources.some(({ schema }) => schema !== undefined))
    if (isForeign || parser.tables(printed).some((name) => !Object.hasOwn(tables, name)))
      throw denied('the statement reaches a table that is not granted')
    this.#checkWrites(statement, tables)
    const rows = statement.insert?.rows?.length
    return { sql: printed, isWrite: operation !== 'SELECT', replaces: statement.replaces !== undefined, rows }
  }

  #checkWrites({ tokens, scopes, replaces }: Statement, tables: GuardedStatement['tables']): void {
    const [first, second] = tokens.filter(({ role }) => role === 'keyword').map(({ text }) => text.toUpperCase())
    for (const { operation, sources } of scopes) {
      const write = OPERATIONS[operation ?? '']
      if (write === undefined) continue
      // IGNORE lets the server store another value than the one that does not fit
      if (tokens.some(({ role, text }) => role === 'keyword' && text.toUpperCase() === 'IGNORE'))
        throw new AppError('invalid_argument', 'statements with IGNORE cannot run here')
      const needed = replaces === undefined ? [write] : [write, first === 'REPLACE' ? 'replace' : 'update']
      for (const { name, target } of sources) {
        if (target !== true || name === undefined) continue
        const granted: readonly string[] = tables[name] ?? []
        const missing = needed.find((one) => !granted.includes(one))
        if (missing !== undefined)
          throw denied(`${missing} is not granted (${first} ${second ?? ''})`.replace(' )', ')'))
      }
    }
  }
}
