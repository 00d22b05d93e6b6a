import type { Deployment } from '../domain/deployment.js'
import type { Environment } from '../domain/environment.js'
import { type ModelId, parseModelId } from '../domain/model-id.js'
import type { ModelRecord } from '../domain/model-record.js'
import { refuse } from '../domain/refuse.js'
import { parseVersion, type Version } from '../domain/version.js'
import { parseVersionRef, type VersionRef } from '../domain/version-ref.js'
import { aborted } from '../errors/causes/objects.js'
import { smokeTestFailed, versionArchived } from '../errors/causes/registry.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import type { DeploymentLock } from '../ports/metadata-store.js'
import { activate, takeAndActivate } from './activate.js'
import { actorOf } from './actor.js'
import { asDeploymentError } from './as-deployment-error.js'
import { endsWith, whenFree, withDeploymentLock } from './deployment-lock.js'
import type { RegistryDeps } from './deps.js'
import { approvalsNeeded, checkPolicy, requireEnvironment } from './environment-policy.js'
import { loadedModel } from './load-model.js'
import { notFound } from './not-found.js'
import type { DeployOptions, SmokeTest } from './registry.js'
import { verifyPresence } from './verify-files.js'
import { withActive } from './with-active.js'

const SMOKE_TEST_MS = 600_000
const LONGEST_SMOKE_TEST_MS = 86_400_000

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
  const environment = requireEnvironment(deps, options.environment, { modelId: id, version })
  const smokeTestMs = options.smokeTestTimeoutMs ?? SMOKE_TEST_MS
  if (!(smokeTestMs >= 1 && smokeTestMs <= LONGEST_SMOKE_TEST_MS))
    throw refuse('smokeTestTimeoutMs', smokeTestMs, 'milliseconds from 1 to a day', 'The deployment')
  const request = { ...options, modelId: id, version, ref, environment, actor, expectedActive, smokeTestMs }
  return withActive(deps, request, () => deploy(deps, request))
}

interface DeployRequest extends Pick<DeployOptions, 'smokeTest' | 'waitMs' | 'signal'> {
  readonly modelId: ModelId
  /** As the caller wrote it. */
  readonly version: string
  readonly ref: VersionRef
  readonly environment: Environment
  readonly actor: string
  readonly expectedActive: Version | null | undefined
  readonly smokeTestMs: number
}

async function deploy(deps: RegistryDeps, request: DeployRequest): Promise<Deployment> {
  const { modelId, version, ref, environment, actor, expectedActive, smokeTest, waitMs, smokeTestMs } =
    request
  const facts = { modelId, version, environment }
  const record = await asDeploymentError({ ...facts, step: 'look-up' }, async () => {
    const found = await deps.metadata.findVersion(modelId, ref)
    if (found === undefined) throw await notFound(deps, modelId, version)
    return found
  })
  if (record.archivedAt !== undefined)
    throw new DeploymentError(
      { ...facts, version: record.version, step: 'look-up' },
      { reason: versionArchived },
    )
  await checkPolicy(deps, record, environment, actor)
  await asDeploymentError({ ...facts, step: 'files' }, () => verifyPresence(deps, record))

  const purpose = `deploy ${record.version}`
  const work = {
    modelId,
    version: record.version,
    environment,
    actor,
    purpose,
    expectedActive,
    waitMs,
    signal: endsWith(deps, request.signal),
  }
  const activation = {
    version: record.version,
    actor,
    approvals: approvalsNeeded(deps, environment),
    ...(expectedActive === undefined ? {} : { expectedActive }),
  }
  const answer =
    smokeTest === undefined
      ? await whenFree(deps, work, { modelId, environment, lockId: deps.newId() }, (lock) =>
          takeAndActivate(deps, { ...activation, lock }),
        )
      : await withDeploymentLock(deps, work, async (lock, signal) => {
          await runSmokeTest(deps, record, lock, { smokeTest, limitMs: smokeTestMs, signal })
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
  { smokeTest, limitMs, signal: whole }: { smokeTest: SmokeTest; limitMs: number; signal: AbortSignal },
): Promise<void> {
  const facts = { modelId: record.modelId, version: record.version, environment, step: 'smoke-test' }
  const limit = new AbortController()
  const timer = setTimeout(
    () => limit.abort(new DOMException(`There was no verdict within ${limitMs} ms.`, 'TimeoutError')),
    limitMs,
  )
  const signal = AbortSignal.any([whole, limit.signal])
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
    throw new DeploymentError(facts, { reason: whole.aborted ? aborted : smokeTestFailed, cause: error })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
