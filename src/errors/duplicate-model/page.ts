import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'never' },
  troubleshooting: [
    step('See which versions there are.', { run: 'modelry versions MODEL' }),
    step('Save under a higher version: error.context.nextVersion is the next one that is free.'),
    step('To give the stored version another name, set an alias on it.', {
      run: 'modelry alias set MODEL@VERSION champion',
    }),
  ],
  prevention: [
    'Raise the version with every change of a model, by Semantic Versioning: versions are immutable.',
    'Let the pipeline take the version from one place (a tag, a build number), so that two runs never share one.',
  ],
  healsByItself:
    'A version whose save was cut off is free again when its reservation ends; error.retry.inMs says when.',
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
