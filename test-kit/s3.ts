import { randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { startService, stopService } from '../scripts/services/run.ts'
import { halt } from './halt.ts'
import { temporaryFolder } from './tmp.ts'

/** A server that a test may hurt. */
export type S3Server = {
  /** The value of `BLOB_URI`. */
  uri: string
  /** Its data. */
  data: string
  /** Ends it. */
  stop(): Promise<void>
  /** Starts it again on the same port with the data that it kept. */
  start(): Promise<void>
  /** Stops without answering, connections stay; `resume` lets it go on. */
  freeze(): void
  resume(): void
} & AsyncDisposable

/** Starts one more server of a kind that `service` offers, with its own port and data. */
export async function startS3(name: 'minio' | 's3'): Promise<S3Server> {
  const folder = await temporaryFolder()
  const start = () => startService(name, () => undefined, folder.path)
  let state = await start()
  const stop = async () => {
    await stopService(name, folder.path)
  }
  return {
    uri: state.uri ?? '',
    data: state.data ?? '',
    stop,
    start: async () => {
      state = await start()
    },
    freeze: () => {
      for (const { pid } of state.processes) halt(pid)
    },
    resume: () => {
      for (const { pid } of state.processes) process.kill(pid, 'SIGCONT')
    },
    [Symbol.asyncDispose]: async () => {
      await stop()
      await folder.remove()
    },
  }
}

/** A bucket of its own for one test, on the server that a `BLOB_URI` names; it is made by whoever opens `uri`. */
export type Bucket = {
  name: string
  /** The `BLOB_URI` with this bucket. */
  uri: string
  /** The server without anything of ours in between. */
  client: S3Client
  /** Keys of multipart uploads that were neither finished nor given up. */
  openUploads(): Promise<string[]>
  /** Removes it with all that is in it. */
  remove(): Promise<void>
} & AsyncDisposable

export function bucketOn(serverUri: string): Bucket {
  const [, accessKeyId = '', secretAccessKey = '', , query = ''] =
    /^s3:\/\/([^:]*):([^@]*)@([^?]*)\?(.*)$/.exec(serverUri) ?? []
  const name = `snug-${randomUUID()}`
  const client = new S3Client({
    endpoint: new URLSearchParams(query).get('endpoint') ?? '',
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: decodeURIComponent(accessKeyId), secretAccessKey: decodeURIComponent(secretAccessKey) },
  })
  const openUploads = async () => {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: name }))
    return Uploads.map(({ Key = '' }) => Key)
  }
  const remove = async () => {
    for (;;) {
      const page = await client
        .send(new ListObjectsV2Command({ Bucket: name, EncodingType: 'url' }))
        .catch(() => ({ Contents: [] }))
      const isEncoded = 'EncodingType' in page && page.EncodingType === 'url'
      const keys = (page.Contents ?? []).map(({ Key = '' }) =>
        isEncoded ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key,
      )
      if (keys.length === 0) break
      for (let at = 0; at < keys.length; at += 50)
        await Promise.all(
          keys.slice(at, at + 50).map((Key) => client.send(new DeleteObjectCommand({ Bucket: name, Key }))),
        )
    }
    const { Uploads = [] } = await client
      .send(new ListMultipartUploadsCommand({ Bucket: name }))
      .catch(() => ({ Uploads: [] }))
    for (const { Key, UploadId } of Uploads)
      await client.send(new AbortMultipartUploadCommand({ Bucket: name, Key, UploadId }))
    await client.send(new DeleteBucketCommand({ Bucket: name })).catch(() => undefined)
    client.destroy()
  }
  return {
    name,
    uri: serverUri.replace(/@[^?]*/, `@${name}`),
    client,
    openUploads,
    remove,
    [Symbol.asyncDispose]: remove,
  }
}
