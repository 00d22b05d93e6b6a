import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'after-fix' },
  troubleshooting: [
    step('See that the identity has s3:DeleteObject, and s3:DeleteObjectVersion for a version id.', {
      run: 'aws sts get-caller-identity',
    }),
    step('See whether the object is locked or under retention.', {
      run: 'aws s3api get-object-retention --bucket BUCKET --key KEY',
    }),
    step('See whether the bucket keeps versions, or asks for MFA to delete.', {
      run: 'aws s3api get-bucket-versioning --bucket BUCKET',
    }),
    step('Read the policy of the bucket, and look for a Deny of s3:DeleteObject.', {
      run: 'aws s3api get-bucket-policy --bucket BUCKET --output text',
    }),
  ],
  prevention: [
    'Archive a version instead of deleting it where its bytes may still be wanted.',
    'Where retention is a rule of the company, do not expect the registry to free space: plan for the size.',
  ],
  healsByItself:
    'Called again, deleteModel goes on where it stopped. No fix runs by itself: only the owner of an object can say that it may go.',
  example: `import { type Registry, S3DeleteError } from 'modelry'

/** Deletes a version, and names what the store kept. */
export async function remove(registry: Registry, modelId: string, version: string) {
  try {
    await registry.deleteModel(modelId, version)
    return []
  } catch (error) {
    if (!(error instanceof S3DeleteError)) throw error
    console.error(error.getTroubleshootingGuide())
    return error.leftovers.map((leftover) => leftover.at)
  }
}
`,
  relatedDocs: [
    {
      title: 'Amazon S3: deleting objects',
      url: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjects.html',
    },
    {
      title: 'Amazon S3: Object Lock',
      url: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html',
    },
    {
      title: 'Amazon S3: MFA delete',
      url: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html',
    },
  ],
})
