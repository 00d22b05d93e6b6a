/** `modelry/client`: the registry of a server, in Node and in browsers. */

export type { BreakerState, BreakerStats } from '../domain/breaker.js'
export type { Deployment } from '../domain/deployment.js'
export type { HistoryAction, HistoryEntry } from '../domain/history.js'
export type { Json } from '../domain/json.js'
export type { MetadataChange, ModelMetadata } from '../domain/metadata.js'
export type { DeploymentStatus, ModelFile, ModelRecord } from '../domain/model-record.js'
export type { Page } from '../domain/page.js'
export type { DeploymentQuery, HistoryQuery, ModelQuery } from '../domain/query.js'
export * from '../errors/index.js'
export type {
  ActorOptions,
  ComponentHealth,
  DeployOptions,
  GetOptions,
  Health,
  LoadedModel,
  ReadFileOptions,
  Registry,
  RevokeOptions,
  RollbackOptions,
  SaveOptions,
  ScanFinding,
  SmokeTest,
  TransferOptions,
  TransferProgress,
  VersionDiff,
} from '../registry/registry.js'
export type { RegistryEvent, RegistryEventMap, RegistryEventSource } from '../registry/registry-events.js'
export { fromParts } from '../sources/from-parts.js'
export { fromStored } from '../sources/from-stored.js'
export type { ByteStream, ModelSource, PartsSource, SavableModel } from '../sources/model-source.js'
export { type ConnectOptions, connectRegistry } from './connect-registry.js'
