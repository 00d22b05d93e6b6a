/** What a store can do of what not all stores can. */
export interface S3Capabilities {
  /** Refuses a put to an address that is taken, by itself and without a gap (`If-None-Match: *`). */
  readonly conditionalPut: boolean
  /** The same for the completion of an upload in parts. */
  readonly conditionalComplete: boolean
  /** What it checks the bytes of a request by. */
  readonly checksum: 'crc32' | 'md5' | 'none'
  /** Whether it takes objects in parts at all. */
  readonly multipart: boolean
  /** All parts but the last have to be of one size, as R2 wants it. */
  readonly equalParts: boolean
}

/** Amazon S3 User Guide, "Conditional writes" and "Checking object integrity". */
export const AWS_CAPABILITIES: S3Capabilities = {
  conditionalPut: true,
  conditionalComplete: true,
  checksum: 'crc32',
  multipart: true,
  equalParts: false,
}
