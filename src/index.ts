/** `modelry`: the registry as a library. */
export {
  createModelRegistry,
  type ExportRequest,
  exportRegistry,
  type ImportRequest,
  importRegistry,
  type RegistryOptions,
} from './compose.js'
export type { S3StoreOptions } from './config-store.js'
export type { BreakerState, BreakerStats } from './domain/breaker.js'
export type { Deployment } from './domain/deployment.js'
export type { HistoryAction, HistoryEntry } from './domain/history.js'
export type { Json } from './domain/json.js'
export {
  type MetadataChange,
  type ModelMetadata,
  metadataJsonSchema,
  metadataSchema,
} from './domain/metadata.js'
export type { DeploymentStatus, ModelFile, ModelRecord } from './domain/model-record.js'
export type { Page } from './domain/page.js'
export type { EnvironmentPolicy, Environments } from './domain/policy.js'
export type { DeploymentQuery, HistoryQuery, ModelQuery } from './domain/query.js'
export * from './errors/index.js'
export { type Attempt, type WithAutoFixOptions, withAutoFix } from './recovery/with-auto-fix.js'
export type { AddressRule } from './registry/address-map.js'
export type { TransferCounts } from './registry/export-place.js'
export type { ExportOptions, ExportReport } from './registry/export-registry.js'
export type { ImportClash, ImportOptions, ImportReport } from './registry/import-registry.js'
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
} from './registry/registry.js'
export type { RegistryEvent, RegistryEventMap, RegistryEventSource } from './registry/registry-events.js'
export { type FromFileOptions, fromFile } from './sources/from-file.js'
export { fromFolder } from './sources/from-folder.js'
export { fromParts } from './sources/from-parts.js'
export { fromStored } from './sources/from-stored.js'
export type { ByteStream, ModelSource, PartsSource, SavableModel } from './sources/model-source.js'
