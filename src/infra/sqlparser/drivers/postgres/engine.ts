import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { ParseResult } from 'libpg-query'
import { AppError } from '../../../../base/errors.ts'

/** What of the compiled module is used: see its `index.js`, whose own loader keeps one instance for good. */
type Instance = {
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(pointer: number): void
  _wasm_parse_query_raw(sql: number): number
  _wasm_free_parse_result(result: number): void
  lengthBytesUTF8(text: string): number
  stringToUTF8(text: string, pointer: number, bytes: number): void
  getValue(pointer: number, type: 'i32'): number
}
/** The types of the platform come with those of browsers, which a server has not. */
type Linked = { readonly exports: object }
type Wasm = {
  compile(bytes: Uint8Array): Promise<object>
  readonly Instance: new (module: object, imports: object) => Linked
}
type Hooks = { instantiateWasm(imports: object, done: (linked: Linked) => void): object }
type Factory = (hooks: Hooks) => Promise<Instance>

/** The server's parser refuses the statement. */
export class NativeRefusal extends Error {
  override readonly name = 'NativeRefusal'
  /** In characters, from 0. */
  readonly position: number
  constructor(message: string, position: number) {
    super(message)
    this.position = position
  }
}

/** The parser broke off in the middle, as from a stack that is used up. The next statement gets another instance. */
export class NativeFailure extends Error {
  override readonly name = 'NativeFailure'
}

/** What one statement took stays with its instance for good, so beyond this the instance goes. */
const MAX_HEAP_BYTES = 512 * 1024 * 1024

/**
 * PostgreSQL's own parser. Its memory and stack are those of an instance of the module: one that broke off in the middle
 * is left as it was then, so it is replaced, by one that is made before it is needed.
 */
export class PostgresEngine {
  readonly #make: () => Promise<Instance>
  #instance: Instance | undefined
  #spare: Instance | undefined
  #making: Promise<void> | undefined
  /** How many instances have been given up. */
  replaced = 0

  private constructor(make: () => Promise<Instance>, instance: Instance) {
    this.#make = make
    this.#instance = instance
  }

  static async open(): Promise<PostgresEngine> {
    const require = createRequire(import.meta.url)
    const factory = require('libpg-query/wasm/libpg-query.js') as Factory
    const wasm = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly
    const module = await wasm.compile(await readFile(require.resolve('libpg-query/wasm/libpg-query.wasm')))
    const make = () =>
      factory({
        instantiateWasm: (imports, done) => {
          const instance = new wasm.Instance(module, imports)
          done(instance)
          return instance.exports
        },
      })
    const engine = new PostgresEngine(make, await make())
    await engine.prepare()
    return engine
  }

  /**
   * The tree of the statements in a text. Throws `NativeRefusal`, `NativeFailure`, and `unavailable` when two instances
   * broke within one turn of the event loop.
   */
  parse(sql: string): ParseResult {
    const instance = this.#instance
    if (instance === undefined) {
      this.prepare().catch(() => undefined)
      throw new AppError('unavailable', 'the SQL parser is starting again')
    }
    try {
      return parse(instance, sql)
    } catch (err) {
      if (err instanceof NativeRefusal) throw err
      this.#replace()
      throw new NativeFailure('the parser broke off', { cause: err })
    } finally {
      if (instance === this.#instance && instance.HEAPU8.length > MAX_HEAP_BYTES) this.#replace()
    }
  }

  /** Memory of the instance in use; it never shrinks. */
  get heapBytes(): number {
    return this.#instance?.HEAPU8.length ?? 0
  }

  /** Makes what the next failure needs. */
  prepare(): Promise<void> {
    this.#making ??= this.#fill().finally(() => {
      this.#making = undefined
    })
    return this.#making
  }

  async #fill(): Promise<void> {
    while (this.#instance === undefined || this.#spare === undefined) {
      const made = await this.#make()
      if (this.#instance === undefined) this.#instance = made
      else this.#spare = made
    }
  }

  #replace(): void {
    this.replaced += 1
    this.#instance = this.#spare
    this.#spare = undefined
    // What cannot be made now is tried again when it is needed.
    this.prepare().catch(() => undefined)
  }
}

let opened: Promise<PostgresEngine> | undefined

/** The one engine of this process. */
export function openEngine(): Promise<PostgresEngine> {
  opened ??= PostgresEngine.open()
  return opened
}

function parse(instance: Instance, sql: string): ParseResult {
  const bytes = instance.lengthBytesUTF8(sql) + 1
  const text = instance._malloc(bytes)
  instance.stringToUTF8(sql, text, bytes)
  const result = instance._wasm_parse_query_raw(text)
  if (result === 0) throw new Error('no memory is left')
  const [tree, , error] = [0, 4, 8].map((field) => instance.getValue(result + field, 'i32'))
  try {
    if (error !== undefined && error !== 0) throw refusalAt(instance, error)
    if (tree === undefined || tree === 0) throw new Error('there is no tree')
    return JSON.parse(textAt(instance, tree)) as ParseResult
  } finally {
    instance._wasm_free_parse_result(result)
    instance._free(text)
  }
}

function refusalAt(instance: Instance, error: number): NativeRefusal {
  const message = instance.getValue(error, 'i32')
  const position = instance.getValue(error + 16, 'i32')
  return new NativeRefusal(message === 0 ? '' : textAt(instance, message), Math.max(0, position - 1))
}

function textAt({ HEAPU8 }: Instance, pointer: number): string {
  return Buffer.from(HEAPU8.buffer, pointer, HEAPU8.indexOf(0, pointer) - pointer).toString('utf8')
}
