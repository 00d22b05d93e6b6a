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
    step('Read the policy, and look for a Deny that fits the caller or the action.', {
      run: 'aws s3api get-bucket-policy --bucket BUCKET --output text',
    }),
  ],
  healsByItself:
    'Called again, deleteModel goes on where it stopped. No fix runs by itself: only the owner of an object can say that it may go.',
})
