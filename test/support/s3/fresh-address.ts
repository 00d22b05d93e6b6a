import { randomUUID } from 'node:crypto'
import { type S3Address, toS3Address } from '../../../src/domain/s3-address.js'
import { BUCKET } from './s3-server.js'

/** An address that nothing lies at, in a folder of its own. */
export function freshAddress(name = 'model.bin', bucket: string = BUCKET): S3Address {
  return toS3Address(bucket, `${randomUUID()}/${name}`)
}
