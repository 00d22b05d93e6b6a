import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Leave s3Path out wherever the place does not matter.',
    'Build addresses from a bucket and a key, and not from the URL of a console or of a web page.',
  ],
  example: `import { InvalidS3PathError, type ModelMetadata, type ModelSource, type Registry } from 'modelry'

/** Saves at the address given; when that is none, lets the registry choose. */
export async function saveSomewhere(registry: Registry, model: ModelSource, metadata: ModelMetadata) {
  try {
    return await registry.saveModel(model, metadata)
  } catch (error) {
    if (!(error instanceof InvalidS3PathError)) throw error
    console.error(error.context.invalidPath, 'is not of the form s3://bucket-name/path/to/object')
    const { s3Path: _, ...rest } = metadata
    return registry.saveModel(model, rest)
  }
}
`,
  relatedDocs: [
    {
      title: 'Amazon S3: rules for the names of buckets',
      url: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html',
    },
    {
      title: 'Amazon S3: names of objects',
      url: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html',
    },
  ],
})
