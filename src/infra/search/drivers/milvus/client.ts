import { ConsistencyLevelEnum, DataType, MilvusClient } from '@zilliz/milvus2-sdk-node'
import { retry } from '../../../../base/retry.ts'
import { classify, MilvusError } from './errors.ts'
import { VALUES } from './filters.ts'

export type ConnectOptions = {
  address: string
  database: string | undefined
  auth?: { username: string; password: string } | { token: string }
  tls?: { rootCert?: Buffer; serverName?: string }
  timeoutMs: number
}

type Status = { code?: number; error_code?: string | number; reason?: string }
export type Row = { pk: string; ix: string; live: boolean; vals: object; vec: readonly number[] }
export type Hit = { pk: string; score: number }
export type Search = { vector: readonly number[]; filter: string; limit: number; radius: number | undefined }

/** The calls of one driver. Everything reads with strong consistency, so that it sees what was written before. */
export class Client {
  readonly #client: MilvusClient

  constructor({ address, database, auth, tls, timeoutMs }: ConnectOptions) {
    this.#client = new MilvusClient({
      address,
      ...(database === undefined ? {} : { database }),
      ...auth,
      ssl: tls !== undefined,
      ...(tls === undefined ? {} : { tls }),
      timeout: timeoutMs,
      maxRetries: 1,
      logLevel: 'error',
      // It would report the use of the client to the server every few seconds.
      telemetry: { enabled: false },
    })
  }

  async connect(): Promise<string> {
    await this.#client.connectPromise
    const answer = await this.#client.getVersion()
    check((answer as { status?: Status }).status ?? {})
    return answer.version
  }

  /** Makes a collection, indexed exactly and loaded. Two processes may do so at once. */
  create(collection: string, dims: number): Promise<void> {
    // one that another process is just making may be there for one call and not yet for the next, or fail as a whole
    const passing = /^(not_found|internal|unavailable)$/
    const isRetryable = (err: unknown) => err instanceof MilvusError && passing.test(classify(err))
    return retry(() => this.#create(collection, dims), { retries: 5, baseMs: 100, isRetryable })
  }

  async #create(collection: string, dims: number): Promise<void> {
    const { value: exists } = await this.#client.hasCollection({ collection_name: collection })
    if (exists !== true) {
      const fields = [
        { name: 'pk', data_type: DataType.VarChar, is_primary_key: true, max_length: 2_048 },
        // What belongs to one index lies together.
        { name: 'ix', data_type: DataType.VarChar, max_length: 256, is_partition_key: true },
        { name: 'live', data_type: DataType.Bool },
        { name: VALUES, data_type: DataType.JSON },
        { name: 'vec', data_type: DataType.FloatVector, dim: dims },
      ]
      const strong = { collection_name: collection, consistency_level: 'Strong', fields } as const
      await unlessThere(this.#client.createCollection(strong))
    }
    const flat = { index_name: 'vec', index_type: 'FLAT', metric_type: 'COSINE', params: {} }
    await unlessThere(this.#client.createIndex({ collection_name: collection, field_name: 'vec', ...flat }))
    await this.#client.loadCollectionSync({ collection_name: collection })
  }

  async collections(): Promise<string[]> {
    const answer = await this.#client.showCollections()
    check(answer.status as Status)
    return answer.data.map(({ name }) => name)
  }

  async upsert(collection: string, rows: readonly Row[]): Promise<void> {
    const answer = await this.#client.upsert({ collection_name: collection, data: rows as never })
    check(answer.status as Status)
    if (answer.err_index.length > 0) throw new MilvusError(0, `${answer.err_index.length} vectors were not taken`)
  }

  async delete(collection: string, filter: string): Promise<void> {
    const answer = await this.#client.delete({ collection_name: collection, filter })
    check(answer.status as Status)
  }

  async vectors(collection: string, filter: string): Promise<{ pk: string; vec: number[] }[]> {
    const answer = await this.#client.query({
      collection_name: collection,
      filter,
      output_fields: ['pk', 'vec'],
      consistency_level: ConsistencyLevelEnum.Strong,
    })
    check(answer.status as Status)
    return answer.data as { pk: string; vec: number[] }[]
  }

  async count(collection: string, filter: string): Promise<number> {
    const answer = await this.#client.query({
      collection_name: collection,
      filter,
      output_fields: ['count(*)'],
      consistency_level: ConsistencyLevelEnum.Strong,
    })
    check(answer.status as Status)
    return Number(answer.data[0]?.['count(*)'] ?? 0)
  }

  async search(collection: string, { vector, filter, limit, radius }: Search): Promise<Hit[]> {
    const answer = await this.#client.search({
      collection_name: collection,
      data: [[...vector]],
      anns_field: 'vec',
      metric_type: 'COSINE',
      filter,
      limit,
      output_fields: ['pk'],
      params: radius === undefined ? {} : { radius },
      consistency_level: ConsistencyLevelEnum.Strong,
    })
    check(answer.status as Status)
    const results = answer.results as unknown as (Hit | Hit[])[]
    return results.flat()
  }

  async health(): Promise<{ isHealthy: boolean; reasons: readonly string[] }> {
    const answer = await this.#client.checkHealth()
    check((answer as { status?: Status }).status ?? {})
    return { isHealthy: answer.isHealthy, reasons: answer.reasons.map(String) }
  }

  async close(): Promise<void> {
    await this.#client.closeConnection()
  }
}

function check({ code = 0, error_code, reason = '' }: Status): void {
  if (code !== 0 || (error_code !== undefined && error_code !== 'Success' && error_code !== 0))
    throw new MilvusError(code, reason)
}

/** What another process has just made is as good. The client returns some refusals of the server and throws others. */
async function unlessThere(call: Promise<unknown>): Promise<void> {
  const status = (await call.catch((err: unknown) => {
    if (typeof err === 'object' && err !== null && 'reason' in err) return err
    throw err
  })) as Status
  if (!/(?<!not )exist/i.test(status.reason ?? '')) check(status)
}
