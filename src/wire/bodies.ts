import { z } from 'zod'
import { isMediaType, MEDIA_TYPE_RULE } from '../domain/media-type.js'
import {
  METADATA_LIMIT_BYTES,
  type MetadataChange,
  type ModelMetadata,
  metadataChangeJsonSchema,
  metadataJsonSchema,
} from '../domain/metadata.js'

/**
 * What is sent to the server. Names and metadata are let through unread here: the registry parses them, so that a bad
 * one gets the same error whichever way it came.
 */
const metadata = z.custom<ModelMetadata>().meta({
  ...metadataJsonSchema,
  description: `What is said of the version; at most ${METADATA_LIMIT_BYTES} bytes.`,
})

/** Begins a save: the paths of all files that will follow. */
export const beginSaveSchema = z.strictObject({ metadata, files: z.array(z.string()).min(1).max(10_000) })

/** An object that is in the store already, as a file; `application/octet-stream` when nothing is said of its type. */
export const storedFileSchema = z.strictObject({
  path: z.string(),
  s3Path: z.string(),
  mediaType: z.string().max(255).refine(isMediaType, MEDIA_TYPE_RULE).optional(),
})

/** Records a version of objects that are in the store already. */
export const createVersionSchema = z.strictObject({
  metadata,
  files: z.array(storedFileSchema).min(1).max(10_000),
})

export const metadataChangeSchema = z.custom<MetadataChange>().meta({ ...metadataChangeJsonSchema })

export const setAliasSchema = z.strictObject({ version: z.string() })

/** At most as long as a proxy keeps a silent connection; a caller that wants to wait longer asks again. */
const waitMs = z.number().int().min(0).max(60_000).optional()

export const deploySchema = z.strictObject({
  version: z.string(),
  environment: z.string(),
  expectedActive: z
    .string()
    .nullable()
    .optional()
    .meta({ description: 'The version that must be active at that moment, or null for none.' }),
  waitMs: waitMs.meta({ description: 'How long to wait for another deployment to end.' }),
})

export const rollbackSchema = z.strictObject({ waitMs })

export const createTokenSchema = z.strictObject({
  name: z.string(),
  scopes: z.array(z.enum(['read', 'write', 'deploy', 'admin'])),
})
