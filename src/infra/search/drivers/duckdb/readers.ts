import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/** A few connections for reading; who finds none free waits. Bounds the queries that DuckDB runs at once. */
export class Readers {
  readonly #free: DuckDBConnection[]
  readonly #all: readonly DuckDBConnection[]
  readonly #waiting: ((connection: DuckDBConnection) => void)[] = []

  private constructor(connections: readonly DuckDBConnection[]) {
    this.#all = connections
    this.#free = [...connections]
  }

  static async open(instance: DuckDBInstance, count: number): Promise<Readers> {
    const connections: DuckDBConnection[] = []
    for (let i = 0; i < count; i++) connections.push(await instance.connect())
    return new Readers(connections)
  }

  /** Runs `work` with a connection of its own. */
  async use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#take()
    try {
      return await work(connection)
    } finally {
      this.#give(connection)
    }
  }

  /** Runs `work` while nothing reads. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    const taken: DuckDBConnection[] = []
    try {
      while (taken.length < this.#all.length) taken.push(await this.#take())
      return await work()
    } finally {
      for (const connection of taken) this.#give(connection)
    }
  }

  /** Waits for readers at work. */
  async close(): Promise<void> {
    await this.exclusive(async () => {})
    for (const connection of this.#all) connection.closeSync()
  }

  async #take(): Promise<DuckDBConnection> {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const { promise, resolve } = Promise.withResolvers<DuckDBConnection>()
    this.#waiting.push(resolve)
    return promise
  }

  #give(connection: DuckDBConnection): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(connection)
    else next(connection)
  }
}
