import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'after-fix' },
  troubleshooting: [
    step('See which files of the version are there and whole.', { run: 'modelry verify MODEL@VERSION' }),
    step('On S3, see whether the object exists: error.context.s3Path has its address.', {
      run: 'aws s3api head-object --bucket BUCKET --key KEY',
    }),
    step('See that the identity has s3:GetObject on the object, and s3:ListBucket on the bucket.', {
      run: 'aws sts get-caller-identity',
    }),
    step('Compare the address with the form s3://bucket-name/path/to/object.'),
  ],
  healsByItself:
    'A transfer that was cut is over; the same call reads again, and checks every file against its sha256.',
})
