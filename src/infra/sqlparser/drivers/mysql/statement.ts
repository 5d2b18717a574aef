import { SqlParseError } from '../../core/errors.ts'
import type { Lexed, SqlOperation, Statement, Token } from '../../driver.ts'
import { alterTable } from './alter-table.ts'
import { createTable } from './create-table.ts'
import { arithmetic, expression } from './expression.ts'
import { insert } from './insert.ts'
import { operand } from './operand.ts'
import { Parser, type Rules } from './parser.ts'
import { query, withClause } from './query.ts'
import { tableSource } from './table-names.ts'
import type { MysqlToken } from './token.ts'
import { remove, update } from './update.ts'

const RULES: Rules = { expression, query, arithmetic, operand }

const REMEDY = 'SELECT, INSERT, UPDATE, DELETE and CREATE, ALTER, DROP, TRUNCATE of tables are'

/** Parses exactly one statement from the tokens that `lex` made of it. */
export function parse(sql: string, lexed: Lexed): Statement {
  const all = lexed.tokens as readonly Token[] as readonly MysqlToken[]
  let end = all.length
  while (all[end - 1]?.word === ';') end--
  const tokens = end === all.length ? all : all.slice(0, end)
  const p = new Parser(sql, tokens, RULES)
  if (p.atEnd) throw new SqlParseError('the statement is empty', sql)
  try {
    return statement(p)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new SqlParseError('the statement is nested too deeply', sql, { cause: error })
  }
}

function statement(p: Parser): Statement {
  switch (p.token.word) {
    case 'SELECT':
    case 'TABLE':
    case 'VALUES':
    case '(':
      return select(p)
    case 'INSERT':
    case 'REPLACE':
      return ofScope(p, 'INSERT', insert)
    case 'WITH':
      return withStatement(p)
    case 'UPDATE':
      return ofScope(p, 'UPDATE', update)
    case 'DELETE':
      return ofScope(p, 'DELETE', remove)
    case 'CREATE':
      p.accept('CREATE')
      p.accept('TEMPORARY')
      tableIsNext(p)
      return ofScope(p, 'CREATE', createTable)
    case 'ALTER':
      p.accept('ALTER')
      tableIsNext(p)
      return ofScope(p, 'ALTER', alterTable)
    case 'DROP':
      p.accept('DROP')
      p.accept('TEMPORARY')
      if (!p.accept('TABLES')) tableIsNext(p)
      return ofScope(p, 'DROP', dropTable)
    case 'TRUNCATE':
      p.accept('TRUNCATE')
      p.accept('TABLE')
      return ofScope(p, 'TRUNCATE', truncate)
    default:
      if (!OTHERS.test(p.token.text)) throw p.expected('a statement')
      throw p.fail('this kind of statement is not supported', 0, `${REMEDY} supported`)
  }
}

/** How statements begin that the grammar has and that are none of ours. */
const OTHERS =
  /^(analyze|begin|binlog|cache|call|change|check|checksum|clone|commit|deallocate|desc|describe|do|execute|explain|flush|get|grant|handler|help|import|install|kill|load|lock|optimize|prepare|purge|release|rename|repair|reset|resignal|restart|revoke|rollback|savepoint|set|show|shutdown|signal|start|stop|uninstall|unlock|use|xa)$/i

function tableIsNext(p: Parser): void {
  if (p.accept('TABLE')) return
  throw p.fail(`only tables can stand behind ${p.peek(-1).word} here`, p.at, `${REMEDY} supported`)
}

function select(p: Parser): Statement {
  const root = p.rules.query(p, undefined)
  return end(p, 'SELECT', root)
}

/** UPDATE and DELETE see what WITH names; before INSERT it cannot stand. */
function withStatement(p: Parser): Statement {
  let ahead = 1
  let depth = 0
  // The first word after the bodies in brackets tells what the statement is.
  for (; ahead < p.tokens.length; ahead++) {
    const { word } = p.peek(ahead)
    if (word === '(') depth++
    else if (word === ')') depth--
    else if (depth === 0 && (word === 'UPDATE' || word === 'DELETE' || word === 'SELECT')) break
  }
  const { word } = p.peek(ahead)
  if (word !== 'UPDATE' && word !== 'DELETE') return select(p)
  p.inSelect(() => withClause(p, undefined))
  return ofScope(p, word, word === 'UPDATE' ? update : remove)
}

/** What only some statements have besides their scopes. */
type Extras = Pick<Statement, 'insert' | 'replaces'>

function ofScope(p: Parser, operation: SqlOperation, read: (p: Parser) => Extras | undefined): Statement {
  const root = p.newScope(undefined, operation)
  p.scope = root
  const extras = read(p)
  p.scopes.push(root)
  return end(p, operation, root, extras)
}

function end(p: Parser, operation: SqlOperation, root: Statement['root'], extras?: Extras): Statement {
  if (!p.atEnd) throw p.expected('the end of the statement')
  return { operation, tokens: p.tokens, root, scopes: p.scopes, calls: p.calls, ...extras }
}

function truncate(p: Parser): undefined {
  p.scope.sources.push(tableSource(p, true))
}

function dropTable(p: Parser): undefined {
  if (p.accept('IF')) p.expect('EXISTS')
  p.series(() => p.scope.sources.push(tableSource(p, true)))
  if (!p.accept('RESTRICT')) p.accept('CASCADE')
}
