import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl, S3RequestPresigner } from '@aws-sdk/s3-request-presigner'
import type { SignRequest } from '../../driver.ts'
import { configOf } from './client.ts'
import type { Place } from './place.ts'

/**
 * Signs addresses for whoever reaches the public endpoint. The SDK finds out once where the bucket is; doing that for every
 * address, of which a list has one a line, would take milliseconds each.
 */
export class Signer {
  readonly #client: S3Client
  readonly #place: Place
  readonly #presigner: S3RequestPresigner
  #bucket: Promise<URL> | undefined

  constructor(place: Place) {
    this.#place = place
    this.#client = new S3Client(configOf(place, place.publicEndpoint ?? place.endpoint))
    const { credentials, sha256 } = this.#client.config
    this.#presigner = new S3RequestPresigner({ credentials, sha256, region: place.region })
  }

  /** `key` as it is on the server. */
  async sign(key: string, { expiresS, disposition, contentType }: SignRequest, signingDate: Date): Promise<string> {
    this.#bucket ??= this.#find()
    const { protocol, hostname, port, origin, host, pathname } = await this.#bucket
    const path = pathname + key.split('/').map(encode).join('/')
    const query = {
      ...(contentType === undefined ? {} : { 'response-content-type': contentType }),
      ...(disposition === undefined ? {} : { 'response-content-disposition': disposition }),
    }
    const request = { method: 'GET', protocol, hostname, path, query, headers: { host } }
    const signed = await this.#presigner.presign(port === '' ? request : { ...request, port: Number(port) }, {
      ...{ expiresIn: expiresS, signingDate },
    })
    const pairs = Object.entries(signed.query ?? {}).map(([name, value]) => `${encode(name)}=${encode(String(value))}`)
    return `${origin}${path}?${pairs.join('&')}`
  }

  close(): void {
    this.#client.destroy()
  }

  /** The address of the bucket, with a slash at the end. */
  async #find(): Promise<URL> {
    const url = new URL(
      await getSignedUrl(this.#client, new GetObjectCommand({ Bucket: this.#place.bucket, Key: 'k' })),
    )
    return new URL(url.pathname.slice(0, -1), url)
  }
}

/** As signatures want it: everything but letters, digits and "-._~". */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
