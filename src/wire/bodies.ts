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

const size = z.number().int().min(0)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
/** Amazon S3 User Guide, "Amazon S3 multipart upload limits". */
const partNumber = z.number().int().min(1).max(10_000)
const crc32 = z
  .string()
  .regex(/^[A-Za-z0-9+/]{6}==$/)
  .optional()
  .meta({ description: 'Of its bytes, in base64; needed where `checksum` of the upload says so.' })
const uploadId = z.string().min(1).max(2_048)

/** Begins to send a file directly to the store. */
export const beginUploadSchema = z.strictObject({ path: z.string(), size, sha256: sha256.optional() })

/** Parts that are about to be sent. */
export const signPartsSchema = z.strictObject({
  path: z.string(),
  uploadId,
  parts: z
    .array(z.strictObject({ number: partNumber, size, crc32 }))
    .min(1)
    .max(100),
})

/** Says that all of a file was sent, and what it is. */
export const completeUploadSchema = z.strictObject({
  path: z.string(),
  size,
  sha256,
  mediaType: z.string().max(255).refine(isMediaType, MEDIA_TYPE_RULE).optional(),
  parts: z
    .strictObject({
      uploadId,
      sent: z
        .array(z.strictObject({ number: partNumber, etag: z.string().min(1).max(255), crc32 }))
        .min(1)
        .max(10_000),
    })
    .optional()
    .meta({ description: 'Absent when it went in one request.' }),
})

export const abortUploadSchema = z.strictObject({ path: z.string(), uploadId })

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
