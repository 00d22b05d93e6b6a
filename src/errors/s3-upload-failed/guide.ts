import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Leave s3Path out: the registry then chooses an address that no other save can take.',
    'Give the identity that saves s3:PutObject and s3:AbortMultipartUpload on the bucket, and try a save from the same place before the night run.',
    'Watch the free space of a folder store, and the number of failed calls of an S3 store.',
    'Save from a file or folder rather than a stream: what can be read twice can be sent twice.',
  ],
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
