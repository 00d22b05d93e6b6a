import { type Deployment, deploymentSchema } from '../domain/deployment.js'
import { parseEnvironment } from '../domain/environment.js'
import { parseModelId } from '../domain/model-id.js'
import { refuse } from '../domain/refuse.js'
import { parseVersionRef } from '../domain/version-ref.js'
import { aborted } from '../errors/causes/objects.js'
import { deploymentInProgress, smokeTestFailed } from '../errors/causes/registry.js'
import { ConcurrentDeploymentError } from '../errors/concurrent-deployment/error.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import { isModelRegistryError } from '../errors/model-registry-error.js'
import type { DeployOptions, LoadedModel, RollbackOptions, SmokeTest } from '../registry/registry.js'
import * as answers from './answers.js'
import type { Ask, Connection } from './connection.js'
import { loadModel } from './load-model.js'
import { environmentPath, modelPath } from './paths.js'

/** `changed` is whether the version was not active already. */
interface Deployed {
  readonly deployment: Deployment
  readonly changed: boolean
}

/** One request waits for no longer than this, since proxies end silent connections; the call asks again. */
const WAIT_AT_ONCE_MS = 30_000
const SMOKE_TEST_MS = 600_000
const LONGEST_SMOKE_TEST_MS = 86_400_000

/**
 * @see Registry.deployModel
 *
 * A smoke test runs here, on bytes that were read from the server, before the deployment is asked for; no lock is held
 * meanwhile. So that it is not overtaken, the deployment then expects to be active what was active before the test,
 * unless the caller expects something else.
 */
export async function deployModel(
  connection: Connection,
  modelId: string,
  version: string,
  options: DeployOptions,
): Promise<Deployed> {
  const id = parseModelId(modelId)
  parseVersionRef(version)
  const { environment, smokeTest, waitMs, expectedActive, actor, signal } = options
  const tested =
    smokeTest === undefined
      ? { version, expectedActive }
      : await runSmokeTest(connection, id, version, smokeTest, options)
  return waiting(waitMs, (onceMs) =>
    connection.ask(
      {
        method: 'POST',
        path: `${modelPath(id)}/deployments`,
        json: { ...tested, environment, waitMs: onceMs },
        actor,
        signal,
        operation: 'deployModel',
        subject: { code: 'DEPLOYMENT_FAILED', modelId: id, version, environment },
        repeat: 'by-key',
      },
      async (response) => ({
        deployment: await answers.json(deploymentSchema)(response),
        changed: response.status === 201,
      }),
    ),
  )
}

/** @see Registry.rollbackDeployment */
export async function rollbackDeployment(
  connection: Connection,
  modelId: string,
  environment: string,
  { waitMs, actor, signal }: RollbackOptions = {},
): Promise<Deployment> {
  const id = parseModelId(modelId)
  const place = parseEnvironment(environment)
  return waiting(waitMs, (onceMs) =>
    connection.ask(
      {
        method: 'POST',
        path: `${environmentPath(id, place)}/rollback`,
        json: { waitMs: onceMs },
        actor,
        signal,
        operation: 'rollbackDeployment',
        subject: { code: 'DEPLOYMENT_FAILED', modelId: id, environment: place, operation: 'The rollback' },
        repeat: 'by-key',
      },
      answers.json(deploymentSchema),
    ),
  )
}

async function waiting<T>(
  waitMs: number | undefined,
  attempt: (onceMs: number | undefined) => Promise<T>,
): Promise<T> {
  // What is no number of milliseconds is for the server to refuse.
  if (waitMs === undefined || !(waitMs > WAIT_AT_ONCE_MS)) return attempt(waitMs)
  const deadline = performance.now() + waitMs
  for (;;) {
    const leftMs = Math.max(0, Math.round(deadline - performance.now()))
    try {
      return await attempt(Math.min(leftMs, WAIT_AT_ONCE_MS))
    } catch (error) {
      const held = error instanceof ConcurrentDeploymentError && error.reason.id === deploymentInProgress.id
      if (!held || leftMs <= WAIT_AT_ONCE_MS) throw error
    }
  }
}

async function runSmokeTest(
  connection: Connection,
  modelId: string,
  version: string,
  smokeTest: SmokeTest,
  { environment, expectedActive, signal: given, smokeTestTimeoutMs: limitMs = SMOKE_TEST_MS }: DeployOptions,
): Promise<{ version: string; expectedActive: string | null }> {
  if (!(limitMs >= 1 && limitMs <= LONGEST_SMOKE_TEST_MS))
    throw refuse('smokeTestTimeoutMs', limitMs, 'milliseconds from 1 to a day', 'The deployment')
  const { ending } = connection
  const signal = given === undefined ? ending : AbortSignal.any([given, ending])
  const facts = { modelId, version, environment }
  const model = await asDeploymentError(facts, () => loadModel(connection, modelId, version, { signal }))
  const before = expectedActive === undefined ? await activeNow(connection, facts, signal) : expectedActive
  await verdictOf({ smokeTest, limitMs }, model, facts, signal).catch((error: unknown) =>
    telling(connection, facts, error),
  )
  return { version: model.record.version, expectedActive: before }
}

/** A version that failed its test does not become active; which one is, the server knows. */
async function telling(connection: Connection, facts: Facts, error: unknown): Promise<never> {
  if (!(error instanceof DeploymentError) || error.reason === aborted) throw error
  const found = await activeNow(connection, facts, connection.ending).then(
    (active) => ({ active }),
    () => undefined,
  )
  if (found === undefined) throw error
  const { context, reason, cause } = error
  throw new DeploymentError({ ...context, ...found }, { reason, cause })
}

interface Facts {
  readonly modelId: string
  readonly version: string
  readonly environment: string
}

/** A test that does not look at its signal is left to itself: its verdict no longer counts. */
async function verdictOf(
  { smokeTest, limitMs }: { smokeTest: SmokeTest; limitMs: number },
  model: LoadedModel,
  facts: Facts,
  whole: AbortSignal,
): Promise<void> {
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
    const verdict = await Promise.race([smokeTest(model, { signal }), ended.promise])
    if (verdict === false) throw new TypeError('The smoke test answered false.')
  } catch (error) {
    const reason = whole.aborted ? aborted : smokeTestFailed
    throw new DeploymentError({ ...facts, step: 'smoke-test' }, { reason, cause: error })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

async function activeNow(
  connection: Connection,
  { modelId, environment }: Facts,
  signal: AbortSignal,
): Promise<string | null> {
  const ask: Ask = {
    method: 'GET',
    path: `${environmentPath(modelId, parseEnvironment(environment))}/active`,
    signal,
    operation: 'deployModel',
    subject: { code: 'DEPLOYMENT_FAILED', modelId, environment },
    repeat: 'freely',
  }
  return (await connection.ask(ask, answers.json(answers.recordOrNull)))?.version ?? null
}

/** A version that is not there is a deployment that was not made. */
async function asDeploymentError<T>(facts: Facts, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isModelRegistryError(error) || error.code !== 'MODEL_NOT_FOUND') throw error
    const { context, reason, cause } = error
    throw new DeploymentError({ ...context, ...facts, step: 'look-up' }, { reason, cause: cause ?? error })
  }
}
