import { z } from 'zod'
import { breakerStatsSchema } from '../domain/breaker.js'
import { modelFileSchema, modelRecordSchema } from '../domain/model-record.js'

/** What the server answers beside the values of the domain. */

/** One page; `nextCursor` is absent on the last one. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().optional() })
}

export const begunSaveSchema = z
  .object({
    saveId: z.string(),
    modelId: z.string(),
    version: z.string(),
    s3Path: z.string(),
    leaseMs: z
      .number()
      .meta({ description: 'How long the version stays reserved without another step, in milliseconds.' }),
    direct: z
      .object({
        wholeBytes: z
          .number()
          .meta({ description: 'Larger files go in parts; so does one without a sha256.' }),
      })
      .exactOptional()
      .meta({ description: 'There when files may be sent to the store without this server in between.' }),
  })
  .meta({ id: 'BegunSave' })

const signedRequestSchema = z
  .object({
    method: z.enum(['PUT', 'GET']),
    url: z.string().meta({ description: 'A credential: whoever has it may make this one request.' }),
    headers: z.record(z.string(), z.string()).meta({ description: 'To be sent exactly as they are.' }),
    expiresAt: z.string(),
  })
  .meta({ id: 'SignedRequest' })

export const signedRequestsSchema = z.object({ items: z.array(signedRequestSchema) })

export const begunUploadSchema = z
  .union([
    z.object({ is: z.literal('whole'), request: signedRequestSchema }),
    z.object({
      is: z.literal('parts'),
      uploadId: z.string(),
      partBytes: z.number().int(),
      checksum: z.enum(['crc32', 'none']),
    }),
    z.object({ is: z.literal('through-server') }),
  ])
  .meta({ id: 'BegunUpload' })

export const leaseSchema = z.object({ leaseMs: z.number() })

export const fileListSchema = z.object({ items: z.array(modelFileSchema) })

const fileState = z.object({ size: z.number().int(), sha256: z.string() })

export const versionDiffSchema = z
  .object({
    modelId: z.string(),
    from: z.string(),
    to: z.string(),
    metadata: z.array(
      z.object({ path: z.string(), from: z.unknown().optional(), to: z.unknown().optional() }),
    ),
    files: z.array(
      z.object({
        path: z.string(),
        change: z.enum(['added', 'removed', 'changed']),
        from: fileState.exactOptional(),
        to: fileState.exactOptional(),
      }),
    ),
    identicalContent: z.boolean(),
  })
  .meta({ id: 'VersionDiff' })

const componentSchema = z.object({
  status: z.enum(['ok', 'down']),
  latencyMs: z.number(),
  error: z.unknown().optional().meta({ description: 'The error, when it is down.' }),
})

export const healthSchema = z
  .object({
    status: z.enum(['ok', 'down']),
    artifacts: componentSchema,
    metadata: componentSchema,
    breaker: z.array(breakerStatsSchema).exactOptional(),
    pending: z
      .object({
        files: z.number().int(),
        bytes: z.number().int(),
        maxBytes: z.number().int(),
        folder: z.string(),
      })
      .exactOptional()
      .meta({ description: 'What the spool of the server keeps until the store can be reached.' }),
  })
  .meta({ id: 'Health' })

/** The circuits of the artifact store; none for a store without a breaker. */
export const breakerSchema = z
  .object({
    state: z
      .enum(['closed', 'open', 'half-open'])
      .meta({ description: 'The worst of the circuits: open, else half-open, else closed.' }),
    circuits: z.array(breakerStatsSchema),
  })
  .meta({ id: 'Breaker' })

export const scanFindingSchema = z
  .object({
    is: z.enum([
      'orphaned-object',
      'unfinished-upload',
      'unfinished-save',
      'unfinished-deletion',
      'missing-file',
    ]),
    address: z.string().exactOptional(),
    at: z.string().exactOptional(),
    touchedAt: z.string().exactOptional(),
    bytes: z.number().exactOptional(),
    modelId: z.string().exactOptional(),
    version: z.string().exactOptional(),
    expired: z.boolean().exactOptional(),
  })
  .meta({ id: 'ScanFinding' })

/** How far the reading of all files of a version is, and at its end the record. */
export const verificationLineSchema = z
  .union([
    z.object({
      progress: z.object({
        bytes: z.number(),
        totalBytes: z.number().exactOptional(),
        file: z.string().exactOptional(),
      }),
    }),
    z.object({ record: modelRecordSchema }),
  ])
  .meta({ id: 'VerificationLine' })

const scopes = z.array(z.enum(['read', 'write', 'deploy', 'admin']))

export const accessTokenSchema = z
  .object({ name: z.string(), scopes, createdAt: z.string() })
  .meta({ id: 'AccessToken' })

/** The only time that the token itself is shown. */
export const createdTokenSchema = z.object({ name: z.string(), scopes, token: z.string() })
