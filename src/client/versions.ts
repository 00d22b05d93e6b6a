import { parseAlias } from '../domain/alias.js'
import type { MetadataChange } from '../domain/metadata.js'
import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { PAGE_LIMIT } from '../domain/page.js'
import { parseVersion } from '../domain/version.js'
import { parseVersionRef } from '../domain/version-ref.js'
import type { ActorOptions, VersionDiff } from '../registry/registry.js'
import { versionDiffSchema } from '../wire/answers.js'
import { ACTOR_HEADER, CHANGED_HEADER } from '../wire/headers.js'
import * as answers from './answers.js'
import type { Connection } from './connection.js'
import { modelPath, versionPath } from './paths.js'

/** What was changed, and who the server says did it. */
export interface Changed {
  readonly record: ModelRecord
  readonly actor: string
  /** Whether it was not so already. */
  readonly changed: boolean
}

/** @see Registry.getModelVersions */
export async function getModelVersions(connection: Connection, modelId: string): Promise<ModelRecord[]> {
  const path = `${modelPath(parseModelId(modelId))}/versions`
  const records: ModelRecord[] = []
  let cursor: string | undefined
  do {
    const query = { limit: PAGE_LIMIT, cursor }
    const ask = { method: 'GET', path, query, operation: 'getModelVersions', repeat: 'freely' } as const
    const page = await connection.ask(ask, answers.page(answers.recordPage))
    records.push(...page)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return records
}

/** @see Registry.diffVersions */
export async function diffVersions(
  connection: Connection,
  modelId: string,
  from: string,
  to: string,
): Promise<VersionDiff> {
  const id = parseModelId(modelId)
  parseVersionRef(from)
  parseVersionRef(to)
  return connection.ask(
    {
      method: 'GET',
      path: `${modelPath(id)}/diff`,
      query: { from, to },
      operation: 'diffVersions',
      repeat: 'freely',
    },
    answers.json(versionDiffSchema),
  )
}

/** @see Registry.updateMetadata */
export async function updateMetadata(
  connection: Connection,
  modelId: string,
  version: string,
  change: MetadataChange,
  { actor }: ActorOptions = {},
): Promise<ModelRecord> {
  const path = versionPath(parseModelId(modelId), parseVersion(version))
  return connection.ask(
    { method: 'PATCH', path, json: change, actor, operation: 'updateMetadata', repeat: 'freely' },
    answers.json(answers.record),
  )
}

/** @see Registry.setAlias */
export async function setAlias(
  connection: Connection,
  modelId: string,
  alias: string,
  version: string,
  { actor }: ActorOptions = {},
): Promise<ModelRecord> {
  const path = aliasPath(modelId, alias)
  return connection.ask(
    { method: 'PUT', path, json: { version }, actor, operation: 'setAlias', repeat: 'freely' },
    answers.json(answers.record),
  )
}

/** @see Registry.removeAlias */
export async function removeAlias(
  connection: Connection,
  modelId: string,
  alias: string,
  { actor }: ActorOptions = {},
): Promise<void> {
  const path = aliasPath(modelId, alias)
  await connection.ask(
    { method: 'DELETE', path, actor, operation: 'removeAlias', repeat: 'freely', missing: 'done' },
    answers.nothing,
  )
}

/** @see Registry.archiveModel, Registry.restoreModel */
export async function setArchived(
  connection: Connection,
  action: 'archive' | 'restore',
  modelId: string,
  version: string,
  { actor }: ActorOptions = {},
): Promise<Changed> {
  const path = `${versionPath(parseModelId(modelId), parseVersion(version))}/${action}`
  return connection.ask(
    { method: 'POST', path, actor, operation: `${action}Model`, repeat: 'freely' },
    async (response) => ({
      record: await answers.json(answers.record)(response),
      actor: actorOf(response),
      changed: response.headers.get(CHANGED_HEADER) !== 'false',
    }),
  )
}

/** @see Registry.deleteModel. @returns who did it. */
export async function deleteModel(
  connection: Connection,
  modelId: string,
  version: string,
  { actor }: ActorOptions = {},
): Promise<string> {
  const path = versionPath(parseModelId(modelId), parseVersion(version))
  return connection.ask(
    { method: 'DELETE', path, actor, operation: 'deleteModel', repeat: 'freely', missing: 'done' },
    async (response) => {
      await answers.nothing(response)
      return actorOf(response)
    },
  )
}

function aliasPath(modelId: string, alias: string): string {
  return `${modelPath(parseModelId(modelId))}/aliases/${encodeURIComponent(parseAlias(alias))}`
}

/** The server knows who holds the token; the caller may not. */
function actorOf(response: Response): string {
  return decodeURIComponent(response.headers.get(ACTOR_HEADER) ?? 'unknown')
}
