import { constants } from 'node:sqlite'
import { AppError } from '../../../../../base/errors.ts'
import type { GuardedStatement, GuardedWrite } from '../../../driver.ts'
import { USER_FUNCTIONS } from './sql-functions.ts'

const words = (text: string): string[] => text.trim().split(/\s+/)

/** Functions that compute from their arguments, the time or chance, and reach nothing. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...words(`avg count group_concat string_agg max min sum total median percentile percentile_cont percentile_disc`),
  ...words(`row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value`),
  ...words(`abs char coalesce concat concat_ws format glob hex if ifnull iif instr length like likelihood likely lower
    ltrim nullif octet_length printf quote random randomblob replace round rtrim sign substr substring trim typeof
    unhex unicode unistr unlikely upper zeroblob`),
  ...words(`date time datetime julianday strftime unixepoch timediff current_date current_time current_timestamp`),
  ...words(`json json_array json_array_length json_error_position json_extract json_insert json_object json_patch
    json_pretty json_quote json_remove json_replace json_set json_array_insert json_type json_valid json_group_array
    json_group_object -> ->>`),
  ...words(`acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow
    power radians sin sinh sqrt tan tanh trunc`),
  ...USER_FUNCTIONS,
])

/** Tables that are functions in truth, and harmless. */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set(['json_each', 'json_tree'])

const WRITES: Readonly<Record<number, GuardedWrite>> = {
  [constants.SQLITE_INSERT]: 'insert',
  [constants.SQLITE_UPDATE]: 'update',
  [constants.SQLITE_DELETE]: 'delete',
}

/** Comments and everything in quotes, so that what is left are the statement's own words. */
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g

const denied = (text: string) => new AppError('permission_denied', text)

/**
 * Refuses statements by their words where SQLite does not ask: VACUUM, EXPLAIN and kin begin with other words, and
 * REPLACE deletes rows without saying so.
 */
export function checkWords(statement: GuardedStatement): void {
  const plain = statement.sql.replace(QUOTED, (quoted) => (/^(--|\/\*)/.test(quoted) ? ' ' : ' "" '))
  if (!/^\s*(select|with|values|insert|replace|update|delete)\b/i.test(plain))
    throw denied('only SELECT, INSERT, UPDATE and DELETE statements run here')
  const replaces = /\bor\s+replace\b|\breplace\s+into\b/i.test(plain)
  if (replaces && !Object.values(statement.tables).some((grants) => grants.includes('replace')))
    throw denied('REPLACE is not allowed; use UPDATE, or INSERT with ON CONFLICT')
}

/** What SQLite asks of each piece of a statement while it compiles it. The first refusal is kept to be told. */
export class Authorizer {
  readonly #tables: GuardedStatement['tables']
  readonly #unread = new Set<string>()
  #refusal: AppError | undefined

  constructor(tables: GuardedStatement['tables']) {
    this.#tables = tables
  }

  get refusal(): AppError | undefined {
    return this.#refusal
  }

  /**
   * Sources of which no column is read, `count(*)` for example. SQLite names them as they are written: a common table
   * expression, or a table. So when the statement is compiled, each must turn out to be no table that was not granted.
   */
  checkUnread(exists: (name: string) => boolean): void {
    for (const name of this.#unread) if (exists(name)) throw denied(`the table "${name}" is not available`)
  }

  readonly ask = (action: number, first: string | null, second: string | null, schema: string | null): number => {
    const reason = this.#reasonAgainst(action, first, second, schema)
    if (reason === undefined) return constants.SQLITE_OK
    this.#refusal ??= denied(reason)
    return constants.SQLITE_DENY
  }

  #reasonAgainst(action: number, first: string | null, second: string | null, schema: string | null) {
    switch (action) {
      case constants.SQLITE_SELECT:
      case constants.SQLITE_RECURSIVE:
        return undefined
      case constants.SQLITE_FUNCTION:
        return FUNCTIONS.has((second ?? '').toLowerCase()) ? undefined : `the function "${second}" is not available`
      case constants.SQLITE_READ:
        return this.#reasonAgainstReading(first ?? '', second, schema)
      case constants.SQLITE_INSERT:
      case constants.SQLITE_UPDATE:
      case constants.SQLITE_DELETE: {
        const grants = this.#grantsOf(first, schema)
        if (grants === undefined) return `the table "${first}" is not available`
        const write = WRITES[action]
        return write !== undefined && grants.includes(write) ? undefined : `"${write}" is not allowed on "${first}"`
      }
      default:
        return 'the statement does more than read and write rows'
    }
  }

  #reasonAgainstReading(table: string, column: string | null, schema: string | null): string | undefined {
    if (TABLE_FUNCTIONS.has(table) || this.#grantsOf(table, schema) !== undefined) return undefined
    if (column !== '' || schema !== null) return `the table "${table}" is not available`
    this.#unread.add(table)
    return undefined
  }

  #grantsOf(table: string | null, schema: string | null): readonly GuardedWrite[] | undefined {
    if (table === null || (schema !== null && schema !== 'main')) return undefined
    return Object.hasOwn(this.#tables, table) ? this.#tables[table] : undefined
  }
}
