import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Change nothing in the store by hand: the registry owns what lies under its prefix.',
    'Keep lifecycle rules (expiry, archiving to Glacier) away from the prefix of the registry.',
    'Verify the versions that matter on a schedule, so that damage is found before it is needed.',
    'Give whoever reads models s3:ListBucket too: without it, S3 answers 403 for an object that is not there.',
  ],
  example: `import { type Registry, S3DownloadError } from 'modelry'

/** The bytes of a version, or undefined when the store does not have them whole. */
export async function readWeights(registry: Registry, modelId: string, version: string) {
  try {
    const model = await registry.loadModel(modelId, version)
    return await model.bytes()
  } catch (error) {
    if (!(error instanceof S3DownloadError)) throw error
    console.error(error.getTroubleshootingGuide())
    console.error('The object is', error.context.s3Path)
    return undefined
  }
}
`,
  relatedDocs: [
    {
      title: 'Amazon S3: downloading objects',
      url: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/download-objects.html',
    },
    {
      title: 'Amazon S3: troubleshooting access denied (403)',
      url: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html',
    },
  ],
})
