import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Raise the version with every change of a model, by Semantic Versioning: versions are immutable.',
    'Let the pipeline take the version from one place (a tag, a build number), so that two runs never share one.',
  ],
  example: `import { DuplicateModelError, type ModelMetadata, type ModelSource, type Registry } from 'modelry'

/** Saves; when the version exists with other content, saves under the next one that is free. */
export async function saveNext(registry: Registry, model: ModelSource, metadata: ModelMetadata) {
  try {
    return await registry.saveModel(model, metadata)
  } catch (error) {
    if (!(error instanceof DuplicateModelError)) throw error
    if (error.context.identical) return registry.getModel(metadata.modelId, metadata.version)
    const version = error.context.nextVersion
    if (version === undefined) throw error
    return registry.saveModel(model, { ...metadata, version })
  }
}
`,
  relatedDocs: [{ title: 'Semantic Versioning 2.0.0', url: 'https://semver.org/spec/v2.0.0.html' }],
})
