import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'after-fix' },
  troubleshooting: [
    step('See which store the registry uses, and where the setting comes from.', { run: 'modelry config' }),
    step('See whether the store can be written at this moment: call registry.health(), or ask the server.', {
      run: 'curl -sS http://127.0.0.1:7878/readyz',
    }),
    step('On S3, see which identity is used; it needs s3:PutObject on the bucket.', {
      run: 'aws sts get-caller-identity',
    }),
    step('Compare the size of the model with the limits: 100 MB in a single put, 5 GB in parts, by default.'),
    step('See whether AWS reports a fault.', {
      run: 'curl -sSI https://health.aws.amazon.com/health/status',
    }),
  ],
  prevention: [
    'Leave s3Path out: the registry then chooses an address that no other save can take.',
    'Give the identity that saves s3:PutObject and s3:AbortMultipartUpload on the bucket, and try a save from the same place before the night run.',
    'Watch the free space of a folder store, and the number of failed calls of an S3 store.',
    'Save from a file or folder rather than a stream: what can be read twice can be sent twice.',
  ],
  healsByItself:
    'A save that failed leaves nothing visible, and its reservation ends by itself, so that the same version can be saved again.',
  example: `import { type ModelMetadata, type ModelSource, type Registry, S3UploadError } from 'modelry'

/** Saves, and tries once more when a fix that is safe has seen that it can succeed. */
export async function saveOrExplain(registry: Registry, model: ModelSource, metadata: ModelMetadata) {
  try {
    return await registry.saveModel(model, metadata)
  } catch (error) {
    if (!(error instanceof S3UploadError)) throw error
    console.error(error.getTroubleshootingGuide())
    if (!(await error.attemptAutoFix())) throw error
    return registry.saveModel(model, metadata)
  }
}
`,
  relatedDocs: [
    {
      title: 'Amazon S3: uploading objects',
      url: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html',
    },
    {
      title: 'Amazon S3: limits of multipart uploads',
      url: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html',
    },
    {
      title: 'Amazon S3: error responses',
      url: 'https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html',
    },
  ],
})
