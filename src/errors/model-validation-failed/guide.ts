import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Check metadata with metadataSchema, or with the JSON Schema in metadataJsonSchema, where it is made.',
    'Let TypeScript see the type ModelMetadata: most mistakes are then found before the program runs.',
  ],
  example: `import { type ModelMetadata, ModelValidationError, type ModelSource, type Registry } from 'modelry'

/** Saves, or gives back what is wrong, one line for each problem. */
export async function saveOrList(registry: Registry, model: ModelSource, metadata: ModelMetadata) {
  try {
    await registry.saveModel(model, metadata)
    return []
  } catch (error) {
    if (!(error instanceof ModelValidationError)) throw error
    return error.context.validationErrors.map(({ path, message }) => path + ': ' + message)
  }
}
`,
  relatedDocs: [
    { title: 'Semantic Versioning 2.0.0', url: 'https://semver.org/spec/v2.0.0.html' },
    { title: 'JSON Schema', url: 'https://json-schema.org/specification' },
  ],
})
