import { z } from 'zod'
import { modelTypes } from './metadata.js'
import { deploymentStatuses } from './model-record.js'
import { DEFAULT_PAGE, PAGE_LIMIT } from './page.js'

const limit = z.int().min(1).max(PAGE_LIMIT).default(DEFAULT_PAGE)
const cursor = z.string().max(1024).optional()

export const modelOrders = ['newest', 'oldest', 'model', 'accuracy'] as const

/** What `listModels` takes. Every filter narrows; each is served by an index. */
export const modelQuerySchema = z.strictObject({
  limit,
  cursor,
  deploymentStatus: z.enum(deploymentStatuses).optional(),
  modelType: z.enum(modelTypes).optional(),
  /** Only versions that are active there. */
  environment: z.string().optional(),
  /** `name` alone, or `name=value`. */
  tag: z.string().max(321).optional(),
  /** Text in the name, the description or the tags; case is ignored. */
  query: z.string().min(1).max(200).optional(),
  /** `newest` first by default; `model` is by name, newest first within it; `accuracy` is highest first, without those that have none. */
  orderBy: z.enum(modelOrders).default('newest'),
})
export type ModelQuery = z.input<typeof modelQuerySchema>

export const versionQuerySchema = z.strictObject({ limit, cursor })
export type VersionQuery = z.input<typeof versionQuerySchema>

export const deploymentQuerySchema = z.strictObject({
  limit,
  cursor,
  modelId: z.string().optional(),
  environment: z.string().optional(),
})
export type DeploymentQuery = z.input<typeof deploymentQuerySchema>

export const historyQuerySchema = z.strictObject({
  limit,
  cursor,
  modelId: z.string().optional(),
  version: z.string().optional(),
})
export type HistoryQuery = z.input<typeof historyQuerySchema>
