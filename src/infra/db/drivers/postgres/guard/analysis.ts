import { AppError } from '../../../../../base/errors.ts'
import type { GuardedStatement, GuardedWrite } from '../../../driver.ts'
import { isServerError } from '../errors.ts'
import { type Connection, single } from '../pools.ts'
import { FUNCTIONS } from './functions.ts'

/** What a statement needs: of each table, by name, the bits of the server's rights. */
export type Needs = ReadonlyMap<string, number>

const SELECT = 2
const WRITES: readonly [bit: number, write: GuardedWrite][] = [
  [1, 'insert'],
  [4, 'update'],
  [8, 'delete'],
]

/** What the server's tree of a harmless statement consists of. */
const NODES: ReadonlySet<string> = new Set(
  `QUERY RANGETBLENTRY RTEPERMISSIONINFO RANGETBLFUNCTION RANGETBLREF FROMEXPR JOINEXPR ALIAS TARGETENTRY COMMONTABLEEXPR
  SETOPERATIONSTMT SORTGROUPCLAUSE GROUPINGSET GROUPINGFUNC WINDOWCLAUSE ONCONFLICTEXPR INFERENCEELEM SETTODEFAULT VAR
  CONST PARAM AGGREF WINDOWFUNC FUNCEXPR NAMEDARGEXPR OPEXPR DISTINCTEXPR NULLIFEXPR SCALARARRAYOPEXPR BOOLEXPR SUBLINK
  FIELDSELECT RELABELTYPE COERCEVIAIO ARRAYCOERCEEXPR CONVERTROWTYPEEXPR COLLATEEXPR COLLATE CASE CASEEXPR WHEN CASEWHEN
  CASETESTEXPR ARRAY ARRAYEXPR ROW ROWEXPR ROWCOMPARE ROWCOMPAREEXPR COALESCE COALESCEEXPR MINMAX MINMAXEXPR NULLTEST
  BOOLEANTEST SUBSCRIPTINGREF SQLVALUEFUNCTION RETURNINGEXPR CTESEARCHCLAUSE CTECYCLECLAUSE
  JSONCONSTRUCTOREXPR JSONVALUEEXPR JSONEXPR JSONISPREDICATE JSONFORMAT JSONRETURNING JSONBEHAVIOR`
    .trim()
    .split(/\s+/),
)

/** Types whose text is looked up in the catalogue (regclass and kin, with their arrays), XML and rights. */
const TYPES: ReadonlySet<number> = new Set([
  ...[24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191],
  ...[1008, 2207, 2208, 2209, 2210, 2211, 3735, 3770, 4090, 4097, 4192],
  ...[142, 143, 1033, 1034],
])
/** Objects of the server itself have smaller numbers. */
const FIRST_OWN_OID = 16_384
/** SQL's functions without brackets up to here tell the time, the others names of users and schemas. */
const LAST_TIME_FUNCTION = 8

const denied = (text: string) => new AppError('permission_denied', text)
const all = (tree: string, form: RegExp) => [...tree.matchAll(form)].map((found) => found.slice(1).map(String))

/**
 * What the server itself has read in the statement: it parses the body of a function when that is made, and keeps the
 * tree with the number of every table, function, operator and type in it. The function is never called, and undone at
 * once. Throws `permission_denied` for what is not harmless.
 */
export async function analyse(
  client: Connection,
  statement: Pick<GuardedStatement, 'sql' | 'parameters'>,
  schema: string,
): Promise<Needs> {
  await client.query('begin')
  try {
    const types = statement.parameters.length === 0 ? [] : await parameterTypes(client, statement.sql)
    const name = `guarded_${Math.random().toString(36).slice(2)}`
    // the line break ends a comment; the extended protocol takes one statement, so nothing can follow the body
    const head = `create function "${schema}".${name}(${types.join(', ')}) returns void language sql begin atomic `
    await placed(head, single(client, `${head}${statement.sql}\n; end`))
    const found = await client.query<{ tree: string }>(
      `select prosqlbody::text as tree from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = pronamespace
        where proname = $1 and nspname = $2`,
      [name, schema],
    )
    const tree = found.rows[0]?.tree ?? ''
    await checkTree(client, tree)
    return await needsOf(client, tree, schema)
  } finally {
    await client.query('rollback')
    // what was prepared is no part of the transaction
    if (statement.parameters.length > 0) await client.query('deallocate all')
  }
}

/** Errors name places in the statement itself, and not in what stands before it. */
async function placed(head: string, call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (err) {
    if (!isServerError(err) || err.position === undefined) throw err
    throw Object.assign(err, { position: String(Number(err.position) - head.length) })
  }
}

async function parameterTypes(client: Connection, sql: string): Promise<string[]> {
  const name = `guarded_${Math.random().toString(36).slice(2)}`
  const head = `prepare ${name} as `
  await placed(head, single(client, head + sql))
  const { rows } = await client.query<{ type: string }>(
    `select t::text as type from pg_catalog.pg_prepared_statements, unnest(parameter_types) with ordinality as u(t, i)
      where name = $1 order by i`,
    [name],
  )
  return rows.map(({ type }) => type)
}

async function checkTree(client: Connection, tree: string): Promise<void> {
  if (!tree.includes('{QUERY ')) throw denied('only SELECT, INSERT, UPDATE and DELETE statements run here')
  for (const [node = ''] of all(tree, /(?<!\\)\{([A-Z_]+)/g))
    if (!NODES.has(node)) throw denied('the statement does more than read and write rows')
  if (all(tree, /:commandType (\d)/g).some(([type]) => !/^[1-4]$/.test(type ?? '')))
    throw denied('only SELECT, INSERT, UPDATE and DELETE statements run here')
  if (/:tablesample \{|:rowMarks \(/.test(tree)) throw denied('the statement does more than read and write rows')
  for (const [op] of all(tree, /\{SQLVALUEFUNCTION :op (\d+)/g))
    if (Number(op) > LAST_TIME_FUNCTION) throw denied('names of users and schemas are not available')
  for (const [oid] of all(tree, /:\w*type(?:id)? (\d+)/gi))
    if (TYPES.has(Number(oid))) throw denied('a type that the statement uses is not available')
  for (const [oid] of all(tree, /:(?:const|result|funcresult|opresult)type (\d+)/g))
    if (Number(oid) >= FIRST_OWN_OID) throw denied('types that were added to the database are not available')
  const operators = all(tree, /:opnos? \(?(?:o )?([\d ]+)/g).flatMap(([list = '']) => list.trim().split(/\s+/))
  const called = all(tree, /:(?:funcid|aggfnoid|winfnoid|opfuncid|hashfuncid|negfuncid) (\d+)/g)
  if ([...operators, ...called.flat()].some((oid) => Number(oid) >= FIRST_OWN_OID))
    throw denied('functions and operators that were added to the database are not available')
  await checkFunctions(client, tree)
}

/** Conversions and operators of the server are harmless; what is called by name must be known. */
async function checkFunctions(client: Connection, tree: string): Promise<void> {
  const calls = all(tree, /\{FUNCEXPR :funcid (\d+) .*?:funcformat (\d)/gs).filter(
    ([, format]) => !/[12]/.test(format ?? ''),
  )
  const aggregates = all(tree, /:(?:aggfnoid|winfnoid) (\d+)/g)
  const oids = [...new Set([...calls, ...aggregates].map(([oid]) => Number(oid)))]
  if (oids.length === 0) return
  const { rows } = await client.query<{ name: string }>(
    'select proname as name from pg_catalog.pg_proc where oid = any($1)',
    [oids],
  )
  const unknown = rows.find(({ name }) => !FUNCTIONS.has(name))
  if (unknown !== undefined) throw denied(`the function "${unknown.name}" is not available`)
}

async function needsOf(client: Connection, tree: string, schema: string): Promise<Needs> {
  const bits = new Map<number, number>()
  for (const [oid] of all(tree, /:rtekind 0 :relid (\d+)/g)) bits.set(Number(oid), SELECT)
  for (const [oid, perms] of all(tree, /:relid (\d+)(?:(?!:relid )[\s\S])*?:requiredPerms (\d+)/g))
    bits.set(Number(oid), (bits.get(Number(oid)) ?? 0) | Number(perms))
  bits.delete(0)
  if (bits.size === 0) return new Map()
  const { rows } = await client.query<{ oid: bigint; name: string; own: bigint }>(
    `select c.oid, relname as name, (nspname = $2 and relkind = 'r') as own from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = relnamespace where c.oid = any($1)`,
    [[...bits.keys()], schema],
  )
  if (rows.length < bits.size || rows.some(({ own }) => own !== 1n)) throw denied('the statement reaches other tables')
  return new Map(rows.map(({ oid, name }) => [name, bits.get(Number(oid)) ?? SELECT]))
}

export const isWrite = (needs: Needs): boolean => [...needs.values()].some((bits) => (bits & ~SELECT) !== 0)

/** Throws `permission_denied` for a table that was not granted, or not for what the statement does to it. */
export function checkGrants(needs: Needs, tables: GuardedStatement['tables']): void {
  for (const [name, bits] of needs) {
    const grants = Object.hasOwn(tables, name) ? tables[name] : undefined
    if (grants === undefined) throw denied(`the table "${name}" is not available`)
    for (const [bit, write] of WRITES)
      if ((bits & bit) !== 0 && !grants.includes(write)) throw denied(`"${write}" is not allowed on "${name}"`)
  }
}
