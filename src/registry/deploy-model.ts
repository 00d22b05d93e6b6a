import type { Deployment } from '../domain/deployment.js'
import { parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { parseVersion, type Version } from '../domain/version.js'
import { parseVersionRef } from '../domain/version-ref.js'
import { aborted } from '../errors/causes/objects.js'
import { smokeTestFailed, versionArchived } from '../errors/causes/registry.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import type { DeploymentLock } from '../ports/metadata-store.js'
import { activate, takeAndActivate } from './activate.js'
import { actorOf } from './actor.js'
import { asDeploymentError } from './as-deployment-error.js'
import { whenFree, withDeploymentLock } from './deployment-lock.js'
import type { RegistryDeps } from './deps.js'
import { approvalsNeeded, checkPolicy, requireEnvironment } from './environment-policy.js'
import { loadedModel } from './load-model.js'
import { notFound } from './not-found.js'
import type { DeployOptions, SmokeTest } from './registry.js'
import { verifyPresence } from './verify-files.js'

/** @see Registry.deployModel */
export async function deployModel(
  deps: RegistryDeps,
  modelId: string,
  version: string,
  options: DeployOptions,
): Promise<Deployment> {
  const id = parseModelId(modelId)
  const ref = parseVersionRef(version)
  const expectedActive = parseExpected(options.expectedActive)
  const actor = actorOf(deps, options)
  const environment = requireEnvironment(deps, id, version, options.environment)
  const facts = { modelId: id, version, environment }

  const record = await asDeploymentError({ ...facts, step: 'look-up' }, async () => {
    const found = await deps.metadata.findVersion(id, ref)
    if (found === undefined) throw await notFound(deps, id, version)
    return found
  })
  if (record.archivedAt !== undefined)
    throw new DeploymentError(
      { ...facts, version: record.version, step: 'look-up' },
      { reason: versionArchived },
    )
  await checkPolicy(deps, record, environment, actor)
  await asDeploymentError({ ...facts, step: 'files' }, () => verifyPresence(deps, record))

  const { smokeTest, waitMs } = options
  const purpose = `deploy ${record.version}`
  const work = {
    modelId: id,
    version: record.version,
    environment,
    actor,
    purpose,
    expectedActive,
    waitMs,
    signal: options.signal,
  }
  const activation = {
    version: record.version,
    actor,
    approvals: approvalsNeeded(deps, environment),
    ...(expectedActive === undefined ? {} : { expectedActive }),
  }
  const answer =
    smokeTest === undefined
      ? await whenFree(deps, work, { modelId: id, environment, lockId: deps.newId() }, (lock) =>
          takeAndActivate(deps, { ...activation, lock }),
        )
      : await withDeploymentLock(deps, work, async (lock, signal) => {
          await runSmokeTest(deps, record, lock, smokeTest, signal)
          return activate(deps, { ...activation, lock })
        })
  if (answer.is === 'activated') deps.events.emit('deployed', { deployment: answer.deployment })
  return answer.deployment
}

function parseExpected(expected: string | null | undefined): Version | null | undefined {
  return typeof expected === 'string' ? parseVersion(expected) : expected
}

/** A test that does not look at its signal is left to itself: its verdict no longer counts. */
async function runSmokeTest(
  deps: RegistryDeps,
  record: ModelRecord,
  { environment }: DeploymentLock,
  smokeTest: SmokeTest,
  signal: AbortSignal,
): Promise<void> {
  const facts = { modelId: record.modelId, version: record.version, environment, step: 'smoke-test' }
  const ended = Promise.withResolvers<never>()
  const onAbort = () => ended.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    const verdict = await Promise.race([
      smokeTest(loadedModel(deps, record, signal), { signal }),
      ended.promise,
    ])
    if (verdict === false) throw new TypeError('The smoke test answered false.')
  } catch (error) {
    if (error instanceof DeploymentError && error === signal.reason) throw error
    throw new DeploymentError(facts, { reason: signal.aborted ? aborted : smokeTestFailed, cause: error })
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
