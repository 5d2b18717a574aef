import { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import type { PutResult } from '../../driver.ts'
import type { Client } from './client.ts'
import { etagOf } from './meta.ts'

/** Parts on their way at once; each is held in memory. */
const PARTS_AT_ONCE = 3

export type UploadOptions = { partBytes: number; signal: AbortSignal | undefined }

/**
 * Stores a body of unknown length: what fits into one part by a single request, more by a multipart upload. When
 * anything fails, the multipart upload has been given up before the error is thrown.
 */
export async function upload(
  client: Client,
  params: Omit<PutObjectCommandInput, 'Body'>,
  body: AsyncIterable<Uint8Array>,
  { partBytes, signal }: UploadOptions,
): Promise<PutResult> {
  let sizeBytes = 0
  const copied = async function* () {
    for await (const chunk of body) {
      sizeBytes += chunk.length
      yield Buffer.from(chunk) // its source may use the memory again
    }
  }
  const source = Readable.from(copied())
  const task = new Upload({
    client: limited(client, signal),
    params: { ...params, Body: source },
    partSize: partBytes,
    queueSize: PARTS_AT_ONCE,
  })
  try {
    const { ETag } = await task.done()
    return { etag: etagOf(ETag), sizeBytes }
  } finally {
    source.destroy()
  }
}

/**
 * The SDK's client for `Upload`: every request is limited and stops with the signal, but for those that begin and give up a
 * multipart upload, since one whose number never arrived would stay for ever.
 */
function limited(client: Client, signal: AbortSignal | undefined): S3Client {
  const isKept = (command: unknown) =>
    command instanceof CreateMultipartUploadCommand || command instanceof AbortMultipartUploadCommand
  const send = (command: never) => client.send(command, isKept(command) ? undefined : signal)
  return Object.create(client.sdk, { send: { value: send } }) as S3Client
}
