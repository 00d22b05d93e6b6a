import { defineGuide } from '../entry.js'

export const guide = defineGuide({
  prevention: [
    'Ask by an alias such as champion, or by latest, where any good version will do.',
    'Archive versions instead of deleting them: an archived version is still found.',
  ],
  example: `import { ModelNotFoundError, type Registry } from 'modelry'

/** Loads a version; when there is none of that name, loads the newest one that is stable. */
export async function loadOrLatest(registry: Registry, modelId: string, version: string) {
  try {
    return await registry.loadModel(modelId, version)
  } catch (error) {
    if (!(error instanceof ModelNotFoundError)) throw error
    console.log('Did you mean', error.context.didYouMean ?? error.context.availableVersions ?? 'another?')
    return registry.loadModel(modelId, 'latest')
  }
}
`,
  relatedDocs: [{ title: 'Semantic Versioning 2.0.0: precedence', url: 'https://semver.org/#spec-item-11' }],
})
