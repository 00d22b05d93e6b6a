import { CreateBucketCommand, PutBucketPolicyCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3'
import { eventually } from '../eventually.js'
import { adminClient } from './admin-client.js'
import {
  BUCKET,
  CONTRACT_BUCKETS,
  LOCKING_BUCKET,
  READER,
  type S3Server,
  VERSIONED_BUCKET,
} from './s3-server.js'

/** Makes the buckets of the tests, and lets the reader read. */
export async function prepareBuckets(server: S3Server): Promise<void> {
  const client = adminClient(server)
  try {
    for (const bucket of [BUCKET, VERSIONED_BUCKET, ...Object.values(CONTRACT_BUCKETS)]) {
      // SeaweedFS answers before its filer takes writes.
      await eventually(() => client.send(new CreateBucketCommand({ Bucket: bucket })), 30_000)
    }
    await client.send(new CreateBucketCommand({ Bucket: LOCKING_BUCKET, ObjectLockEnabledForBucket: true }))
    const versioning = { Status: 'Enabled' } as const
    await client.send(
      new PutBucketVersioningCommand({ Bucket: VERSIONED_BUCKET, VersioningConfiguration: versioning }),
    )
    // What the reader of SeaweedFS may do stands in its configuration.
    if (server.name !== 'versitygw') return
    const allow = (Action: string[], Resource: string) => ({
      Effect: 'Allow',
      Principal: [READER.accessKeyId],
      Action,
      Resource,
    })
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        allow(['s3:GetObject'], `arn:aws:s3:::${BUCKET}/*`),
        allow(['s3:ListBucket'], `arn:aws:s3:::${BUCKET}`),
      ],
    })
    await client.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }))
  } finally {
    client.destroy()
  }
}
