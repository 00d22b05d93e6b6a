import { z } from 'zod'
import { descriptionSchema, modelTypes, tagsSchema } from './metadata.js'

/** `registry`: written by a save and removed with the version. `caller`: was in the store before, and stays. */
const ownerships = ['registry', 'caller'] as const

/** One stored object of a version. */
export const modelFileSchema = z.object({
  /** Relative, parts between slashes. */
  path: z.string().brand<'FilePath'>(),
  /** Bytes. */
  size: z.number().int(),
  sha256: z.string().brand<'Sha256'>(),
  mediaType: z.string(),
  address: z.string().brand<'S3Address'>(),
  ownership: z.enum(ownerships),
  /** The spool of a machine that keeps the file until the store can be reached; absent once the store has it. */
  heldBy: z.string().optional(),
})
export type ModelFile = z.infer<typeof modelFileSchema>

/**
 * `archived`, or `active` in at least one environment, or `inactive`.
 */
export const deploymentStatuses = ['active', 'inactive', 'archived'] as const
export type DeploymentStatus = (typeof deploymentStatuses)[number]

/** One version of a model as the registry knows it. Times are ISO 8601 in UTC. */
export const modelRecordSchema = z
  .object({
    modelId: z.string().brand<'ModelId'>(),
    version: z.string().brand<'Version'>(),
    /** Counts up from 1 within the model, in the order of saving. */
    number: z.number().int(),
    modelType: z.enum(modelTypes),
    inputShape: z.array(z.number()),
    outputShape: z.array(z.number()),
    /** The address of the file, or the common start of the addresses when there are several. */
    s3Path: z.string().brand<'S3Address'>(),
    accuracy: z.number().optional(),
    metrics: z.record(z.string(), z.number()),
    description: descriptionSchema.optional(),
    tags: tagsSchema,
    framework: z.string().optional(),
    hyperparameters: z.record(z.string(), z.unknown()).optional(),
    trainedAt: z.string().optional(),
    lineage: z
      .object({
        dataset: z.string().optional(),
        parentVersion: z.string().optional(),
        run: z.string().optional(),
        gitCommit: z.string().optional(),
      })
      .optional(),
    /** Ordered by path. */
    files: z.array(modelFileSchema),
    /** Bytes of all files. */
    size: z.number().int(),
    /** SHA-256 over the list of files: equal for equal content. */
    digest: z.string().brand<'Sha256'>(),
    aliases: z.array(z.string()),
    /** Where the version is active. */
    environments: z.array(z.string()),
    deploymentStatus: z.enum(deploymentStatuses),
    createdAt: z.string(),
    createdBy: z.string(),
    updatedAt: z.string(),
    archivedAt: z.string().optional(),
    /** There only while a file of the version is in the spool of a machine and not in the store: its `heldBy` says where. */
    storage: z.literal('pending').optional(),
    /** Who says that the version may become active where; absent when nobody does. */
    approvals: z
      .array(z.object({ environment: z.string(), approvedBy: z.string(), approvedAt: z.string() }))
      .optional(),
  })
  .meta({ id: 'ModelRecord' })
export type ModelRecord = z.infer<typeof modelRecordSchema>

/**
 * A ModelRecord as JSON, byte for byte what `JSON.stringify` makes of it: for those who pass records on without looking
 * into them.
 */
export type RecordText = string & z.$brand<'RecordText'>

export function toRecordText(record: ModelRecord): RecordText {
  return JSON.stringify(record) as RecordText
}

export function parseRecordText(text: RecordText): ModelRecord {
  return JSON.parse(text)
}

const FILES_BEGIN = ',"files":['
const FILES_END = '],"size":'

/**
 * The files of a record, without parsing the rest of it. No text before them can hold what they begin with, since a quote
 * within a text is escaped and metrics are numbers; nor can their own texts hold what follows them.
 */
export function filesOfText(text: RecordText): ModelFile[] {
  const begin = text.indexOf(FILES_BEGIN)
  const end = text.indexOf(FILES_END, begin)
  if (begin < 0 || end < 0) return parseRecordText(text).files
  return JSON.parse(text.slice(begin + FILES_BEGIN.length - 1, end + 1))
}
