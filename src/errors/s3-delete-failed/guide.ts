import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Archive a version instead of deleting it where its bytes may still be wanted.',
    'Where retention is a rule of the company, do not expect the registry to free space: plan for the size.',
  ],
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
