import { z } from 'zod'
import { type Alias, isAlias } from './alias.js'
import { type Environment, isEnvironment } from './environment.js'
import { type FilePath, filePathProblem } from './file-path.js'
import { historyEntrySchema } from './history.js'
import { descriptionSchema, modelTypes, tagsSchema } from './metadata.js'
import { isModelId, type ModelId } from './model-id.js'
import { modelFileSchema } from './model-record.js'
import { isS3Address, type S3Address } from './s3-address.js'
import { isSha256, type Sha256 } from './sha256.js'
import { isVersion, type Version } from './version.js'

/**
 * What a registry consists of, row by row, as an export holds it: everything that lasts, and nothing that only the
 * process at work needs (leases, reservations, Idempotency-Keys). Whatever can be made of other rows is left out, and so is
 * what the history has of no single model: a reset of the circuit breaker is about the store of that registry.
 *
 * A `model` row begins the rows of one name, in this order: its versions by number, its deployments by id, its history
 * by sequence. Tokens come after all models. Times are milliseconds since 1970, UTC.
 */

function text<T extends string>(isOne: (text: string) => text is T) {
  return z.custom<T>((value) => typeof value === 'string' && isOne(value))
}

const isFilePath = (path: string): path is FilePath => filePathProblem(path) === undefined
const millis = z.number().int()
const id = z.number().int().min(1)
const modelId = text<ModelId>(isModelId)
const version = text<Version>(isVersion)
const environment = text<Environment>(isEnvironment)
const sha256 = text<Sha256>(isSha256)
const address = text<S3Address>(isS3Address)

/** A name that has, or had, versions. `nextNumber` and `createdAt` are null where it has none any more. */
const modelRowSchema = z.strictObject({
  row: z.literal('model'),
  modelId,
  nextNumber: id.nullable(),
  createdAt: millis.nullable(),
})

const versionRowSchema = z.strictObject({
  row: z.literal('version'),
  /** Counts in the order in which saves began. */
  id,
  modelId,
  version,
  number: id,
  /** Tells this version from another one of the same name. */
  saveId: z.string().min(1),
  modelType: z.enum(modelTypes),
  accuracy: z.number().min(0).max(1).nullable(),
  s3Path: address,
  layout: z.enum(['file', 'folder']),
  description: descriptionSchema.nullable(),
  /** Shapes, metrics, framework, hyperparameters, lineage. */
  metadata: z.record(z.string(), z.unknown()),
  tags: tagsSchema,
  digest: sha256,
  size: z.number().int().min(0),
  createdAt: millis,
  createdBy: z.string(),
  updatedAt: millis,
  archivedAt: millis.nullable(),
  files: z.array(
    modelFileSchema.omit({ heldBy: true }).extend({
      path: text<FilePath>(isFilePath),
      sha256,
      address,
      size: z.number().int().min(0),
    }),
  ),
  aliases: z.array(text<Alias>(isAlias)),
  approvals: z.array(
    z.strictObject({ environment, approvedBy: z.string(), digest: sha256, approvedAt: millis }),
  ),
})

const deploymentRowSchema = z.strictObject({
  row: z.literal('deployment'),
  id,
  modelId,
  version,
  /** The `id` of the version; null once that one is deleted. */
  versionId: id.nullable(),
  environment,
  status: z.enum(['active', 'superseded']),
  fence: id,
  previousId: id.nullable(),
  previousVersion: version.nullable(),
  rollbackOf: id.nullable(),
  restores: id.nullable(),
  deployedAt: millis,
  deployedBy: z.string(),
  approvedBy: z.array(z.string()).nullable(),
  supersededAt: millis.nullable(),
})

const historyRowSchema = z.strictObject({
  row: z.literal('history'),
  sequence: id,
  at: millis,
  actor: z.string(),
  action: historyEntrySchema.shape.action,
  modelId,
  version: version.nullable(),
  environment: environment.nullable(),
  details: z.record(z.string(), z.unknown()),
})

/** A token by its hash: whoever reads the export cannot use it, and whoever has the token can use it afterwards too. */
const tokenRowSchema = z.strictObject({
  row: z.literal('token'),
  name: z.string().min(1),
  hash: sha256,
  scopes: z.array(z.enum(['read', 'write', 'deploy', 'admin'])),
  createdAt: z.string(),
})

export const transferRowSchema = z.discriminatedUnion('row', [
  modelRowSchema,
  versionRowSchema,
  deploymentRowSchema,
  historyRowSchema,
  tokenRowSchema,
])

export type ModelRow = z.output<typeof modelRowSchema>
export type VersionRow = z.output<typeof versionRowSchema>
export type DeploymentRow = z.output<typeof deploymentRowSchema>
export type HistoryRow = z.output<typeof historyRowSchema>
export type TokenRow = z.output<typeof tokenRowSchema>
/** A row of one name. */
export type NameRow = ModelRow | VersionRow | DeploymentRow | HistoryRow
export type TransferRow = NameRow | TokenRow
