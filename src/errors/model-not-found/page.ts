import { step } from '../cause.js'
import { definePage } from '../entry.js'

export const page = definePage({
  retry: { advice: 'after-fix' },
  troubleshooting: [
    step('See which versions the model has.', { run: 'modelry versions MODEL' }),
    step('See which models there are; names are equal byte for byte.', { run: 'modelry list' }),
    step('See which registry is asked: another folder or server has other models.', {
      run: 'modelry config',
    }),
  ],
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
