import type { Deployment } from '../../src/domain/deployment.js'
import type { ModelMetadata } from '../../src/domain/metadata.js'
import type { ModelRecord } from '../../src/domain/model-record.js'
import type { fromFile, fromParts } from '../../src/index.js'
import type { Registry } from '../../src/registry/registry.js'

export function metadataOf(version: string): ModelMetadata
export const operations: {
  save(registry: Registry, tools: { fromParts: typeof fromParts }): Promise<ModelRecord>
  deploy(registry: Registry): Promise<Deployment>
  archive(registry: Registry): Promise<ModelRecord>
  delete(registry: Registry): Promise<void>
  'save-large'(registry: Registry, tools: { fromFile: typeof fromFile }): Promise<ModelRecord>
}
