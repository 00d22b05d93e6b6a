import { join } from 'node:path'

/** Metadata of the versions that the operations below deal with. */
export const metadataOf = (version) => ({
  modelId: 'victim',
  version,
  modelType: 'neural',
  inputShape: [4],
  outputShape: [1],
})

/**
 * What is interrupted. Each is called on a registry that holds 1.0.0 (active in production), 2.0.0 and 3.0.0, all of
 * model `victim`; `4.0.0` is not there.
 */
export const operations = {
  save: (registry, { fromParts }) =>
    registry.saveModel(
      fromParts({ 'a.json': { a: 1 }, 'b.bin': new Uint8Array(70_000).fill(7) }),
      metadataOf('4.0.0'),
    ),
  deploy: (registry) => registry.deployModel('victim', '2.0.0', { environment: 'production' }),
  archive: (registry) => registry.archiveModel('victim', '3.0.0'),
  delete: (registry) => registry.deleteModel('victim', '3.0.0'),
  'save-large': (registry, { fromFile }) =>
    registry.saveModel(
      fromFile(join(process.env.MODELRY_LARGE_FILE ?? '', 'large.bin')),
      metadataOf('4.0.0'),
    ),
}
