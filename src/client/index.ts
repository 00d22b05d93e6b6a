/** `modelry/client`: the registry of a server, in Node and in browsers. */

export type { Deployment } from '../domain/deployment.js'
export type { HistoryEntry } from '../domain/history.js'
export type { ModelMetadata } from '../domain/metadata.js'
export type { ModelFile, ModelRecord } from '../domain/model-record.js'
export type { Page } from '../domain/page.js'
export * from '../errors/index.js'
export type { LoadedModel, Registry } from '../registry/registry.js'
export { fromParts } from '../sources/from-parts.js'
export { fromStored } from '../sources/from-stored.js'
export { type ConnectOptions, connectRegistry } from './connect-registry.js'
