import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { Place } from '../server.ts'

/** What the S3 servers here are started with; they listen on the loopback interface only. */
export const KEYS = { accessKeyId: 'snug', secretAccessKey: 'snug-secret' }
const BUCKET = 'snug-test'

const endpointOf = ({ ports }: Place) => `http://127.0.0.1:${ports.s3}`

/** The value of `BLOB_URI`. */
export const uriOf = (place: Place): string =>
  `s3://${KEYS.accessKeyId}:${KEYS.secretAccessKey}@${BUCKET}?endpoint=${endpointOf(place)}&path_style=1`

/** Makes the bucket where it is missing. Throws as long as the server does not answer. */
export async function makeBucket(place: Place): Promise<void> {
  const client = new S3Client({
    ...{ endpoint: endpointOf(place), region: 'us-east-1', credentials: KEYS, forcePathStyle: true, maxAttempts: 1 },
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000 },
  })
  try {
    await client.send(new HeadBucketCommand({ Bucket: BUCKET })).catch((err) => {
      if (err?.$metadata?.httpStatusCode !== 404) throw err
      return client.send(new CreateBucketCommand({ Bucket: BUCKET }))
    })
  } finally {
    client.destroy()
  }
}
