import type { z } from 'zod'
import type { Deployment } from '../domain/deployment.js'
import { parseEnvironment } from '../domain/environment.js'
import type { HistoryEntry } from '../domain/history.js'
import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord, RecordText } from '../domain/model-record.js'
import { PAGE_LIMIT, type Page } from '../domain/page.js'
import { problemsOf } from '../domain/problems.js'
import {
  type DeploymentQuery,
  deploymentQuerySchema,
  type HistoryQuery,
  historyQuerySchema,
  type ModelQuery,
  modelQuerySchema,
  type VersionQuery,
  versionQuerySchema,
} from '../domain/query.js'
import { parseVersion } from '../domain/version.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import type { RegistryDeps } from './deps.js'

/** @see Registry.listModels */
export async function listModels(deps: RegistryDeps, query: ModelQuery = {}): Promise<Page<ModelRecord>> {
  return deps.metadata.listModels(parseQuery(modelQuerySchema, query, 'listModels'))
}

/** @see Registry.getModelVersions */
export async function getModelVersions(deps: RegistryDeps, modelId: string): Promise<ModelRecord[]> {
  const id = parseModelId(modelId)
  const records: ModelRecord[] = []
  let cursor: string | undefined
  do {
    const page = await deps.metadata.listVersions(id, { limit: PAGE_LIMIT, cursor })
    records.push(...page)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return records
}

/** @see Engine.texts */
export async function listModelTexts(deps: RegistryDeps, query: ModelQuery = {}): Promise<Page<RecordText>> {
  return deps.metadata.texts.listModels(parseQuery(modelQuerySchema, query, 'listModels'))
}

/** @see Engine.texts */
export async function listVersionTexts(
  deps: RegistryDeps,
  modelId: string,
  query: VersionQuery = {},
): Promise<Page<RecordText>> {
  return deps.metadata.texts.listVersions(
    parseModelId(modelId),
    parseQuery(versionQuerySchema, query, 'listVersions'),
  )
}

/** @see Registry.listDeployments */
export async function listDeployments(
  deps: RegistryDeps,
  query: DeploymentQuery = {},
): Promise<Page<Deployment>> {
  const { modelId, environment, ...page } = parseQuery(deploymentQuerySchema, query, 'listDeployments')
  return deps.metadata.listDeployments({
    ...page,
    modelId: modelId === undefined ? undefined : parseModelId(modelId),
    environment: environment === undefined ? undefined : parseEnvironment(environment),
  })
}

/** @see Registry.listHistory */
export async function listHistory(deps: RegistryDeps, query: HistoryQuery = {}): Promise<Page<HistoryEntry>> {
  const { modelId, version, ...page } = parseQuery(historyQuerySchema, query, 'listHistory')
  return deps.metadata.listHistory({
    ...page,
    modelId: modelId === undefined ? undefined : parseModelId(modelId),
    version: version === undefined ? undefined : parseVersion(version),
  })
}

function parseQuery<S extends z.ZodObject>(schema: S, query: unknown, operation: string): z.output<S> {
  const parsed = schema.safeParse(query, { reportInput: true })
  if (parsed.success) return parsed.data
  const validationErrors = problemsOf(parsed.error, query, Object.keys(schema.shape))
  throw new ModelValidationError({ operation, validationErrors })
}
