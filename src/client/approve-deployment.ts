import { parseEnvironment } from '../domain/environment.js'
import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { parseVersion } from '../domain/version.js'
import type { ActorOptions, RevokeOptions } from '../registry/registry.js'
import * as answers from './answers.js'
import type { Connection } from './connection.js'
import { versionPath } from './paths.js'

/** @see Registry.approveDeployment */
export async function approveDeployment(
  connection: Connection,
  modelId: string,
  version: string,
  environment: string,
  { actor }: ActorOptions = {},
): Promise<ModelRecord> {
  const path = approvalPath(modelId, version, environment)
  return connection.ask(
    { method: 'PUT', path, actor, operation: 'approveDeployment', repeat: 'freely' },
    answers.json(answers.record),
  )
}

/** @see Registry.revokeApproval */
export async function revokeApproval(
  connection: Connection,
  modelId: string,
  version: string,
  environment: string,
  { actor, approvedBy }: RevokeOptions = {},
): Promise<ModelRecord> {
  const path = approvalPath(modelId, version, environment)
  const query = approvedBy === undefined ? {} : { approvedBy }
  return connection.ask(
    { method: 'DELETE', path, query, actor, operation: 'revokeApproval', repeat: 'freely' },
    answers.json(answers.record),
  )
}

function approvalPath(modelId: string, version: string, environment: string): string {
  const place = encodeURIComponent(parseEnvironment(environment))
  return `${versionPath(parseModelId(modelId), parseVersion(version))}/approvals/${place}`
}
