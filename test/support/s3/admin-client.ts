import { S3Client } from '@aws-sdk/client-s3'
import { ADMIN, REGION, type S3Server } from './s3-server.js'

/** The bare SDK as the one who may do everything, to prepare and to look behind the driver. */
export function adminClient({ endpoint }: Pick<S3Server, 'endpoint'>): S3Client {
  return new S3Client({ endpoint, region: REGION, forcePathStyle: true, credentials: ADMIN })
}
