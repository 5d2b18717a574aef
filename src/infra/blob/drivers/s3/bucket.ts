import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3'
import { AppError, messageOf } from '../../../../base/errors.ts'
import type { Client } from './client.ts'
import { reasonOf } from './errors.ts'
import type { Place } from './place.ts'

const OLD_MS = 24 * 3_600_000

/** Throws what the server says, with a reason, which HEAD has no room for, unless the bucket is there and may be listed. */
export async function lookAtBucket(client: Client, { bucket, prefix }: Place, signal?: AbortSignal): Promise<void> {
  await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }), signal)
}

/** For the start: makes the bucket where it is missing and that is wanted, and explains to a person what is wrong. */
export async function needBucket(client: Client, place: Place): Promise<void> {
  try {
    await lookAtBucket(client, place)
  } catch (err) {
    if (err instanceof Error && err.name === 'NoSuchBucket') return makeBucket(client, place, err)
    throw explained(err, place.bucket)
  }
}

async function makeBucket(client: Client, place: Place, missing: Error): Promise<void> {
  const { bucket, createBucket, region, endpoint } = place
  if (!createBucket)
    throw new AppError(
      'failed_precondition',
      `the bucket "${bucket}" does not exist; create it, or set create_bucket=1`,
      {
        cause: missing,
      },
    )
  const elsewhere = endpoint === undefined && region !== 'us-east-1'
  const where = elsewhere ? { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } } : {}
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket, ...where }))
  } catch (err) {
    // Another process of ours was faster.
    if (err instanceof Error && err.name === 'BucketAlreadyOwnedByYou') return
    throw explained(err, bucket, 'make')
  }
}

function explained(err: unknown, bucket: string, verb = 'reach'): unknown {
  const code = reasonOf(err)
  if (code === 'canceled') return err
  const name = err instanceof Error && !['Error', 'NoAnswer'].includes(err.name) ? `${err.name}: ` : ''
  const hint = HINTS[err instanceof Error ? err.name : ''] ?? ''
  const text = `cannot ${verb} the bucket "${bucket}": ${name}${firstLine(messageOf(err))}${hint}`
  return new AppError(code === 'not_found' ? 'failed_precondition' : code, text, { cause: err })
}

const HINTS: Readonly<Record<string, string>> = {
  PermanentRedirect: '; set "region" to that of the bucket',
  AuthorizationHeaderMalformed: '; set "region" to that of the bucket',
  RequestTimeTooSkewed: '; set the clock of this machine',
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''

/** Gives up multipart uploads that a killed process left a day ago or more: their parts cost space and are not seen. */
export async function dropOldUploads(client: Client, { bucket, prefix }: Place): Promise<void> {
  try {
    const found = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }))
    for (const { Key, UploadId, Initiated } of found.Uploads ?? [])
      if ((Initiated?.getTime() ?? Number.POSITIVE_INFINITY) < Date.now() - OLD_MS)
        await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }))
  } catch {
    // Not allowed or not known here; a rule of the bucket does it as well.
  }
}
