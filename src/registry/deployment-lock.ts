import type { Environment } from '../domain/environment.js'
import type { ModelId } from '../domain/model-id.js'
import { refuse } from '../domain/refuse.js'
import type { Version } from '../domain/version.js'
import { aborted, leaseLost } from '../errors/causes/objects.js'
import { ConcurrentDeploymentError } from '../errors/concurrent-deployment/error.js'
import { DeploymentError } from '../errors/deployment-failed/error.js'
import type { DeploymentLock, HeldLock, LockRequest } from '../ports/metadata-store.js'
import { asDeploymentError } from './as-deployment-error.js'
import type { RegistryDeps } from './deps.js'
import { withHeartbeat } from './heartbeat.js'
import { pause } from './pause.js'

export interface LockedWork {
  readonly modelId: ModelId
  readonly version?: Version
  readonly environment: Environment
  readonly actor: string
  readonly purpose: string
  /** What the caller expects to be active, for the error; absent when anything may be. */
  readonly expectedActive?: Version | null | undefined
  readonly waitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Fires with the caller's signal, and when the registry that closes waits for nothing more. */
export function endsWith(
  { closing }: RegistryDeps,
  signal: AbortSignal | undefined,
): AbortSignal | undefined {
  if (closing === undefined || signal === undefined) return signal ?? closing
  return AbortSignal.any([signal, closing])
}

type Held = { readonly is: 'held' } & HeldLock

/** Between two tries to take a held lock. Short enough to follow a deployment at once, long enough to cost nothing. */
const SHORTEST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 250

/**
 * Does `work` while holding the lock of (model, environment), and releases it whatever happens.
 *
 * @throws ConcurrentDeploymentError when the lock is still held after `waitMs`.
 */
export async function withDeploymentLock<T>(
  deps: RegistryDeps,
  request: LockedWork,
  work: (lock: DeploymentLock, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { modelId, version, environment } = request
  const facts = { modelId, environment, ...(version === undefined ? {} : { version }) }
  const lock: DeploymentLock = { modelId, environment, lockId: deps.newId() }
  await acquire(deps, request, lock)
  const lease = {
    leaseMs: deps.lockLeaseMs,
    renew: () => deps.metadata.renewLock(lock, deps.lockLeaseMs),
    onLost: () => new DeploymentError({ ...facts, step: 'lock' }, { reason: leaseLost }),
  }
  try {
    return await withHeartbeat(lease, request.signal, (signal) => work(lock, signal))
  } finally {
    // A lock that cannot be released ends with its lease; what the work came to matters more to the caller.
    await deps.metadata.releaseLock(lock).catch(() => {})
  }
}

async function acquire(deps: RegistryDeps, request: LockedWork, lock: DeploymentLock): Promise<void> {
  const { modelId, version, environment } = request
  const facts = { modelId, environment, step: 'lock', ...(version === undefined ? {} : { version }) } as const
  await whenFree(deps, request, lock, (toTake) =>
    asDeploymentError(facts, () => deps.metadata.acquireLock(toTake)),
  )
}

/**
 * Makes an attempt with a lock to take, again and again until nobody else has it.
 *
 * @throws ConcurrentDeploymentError when it is still held after `waitMs`.
 */
export async function whenFree<T extends { readonly is: string }>(
  deps: RegistryDeps,
  request: LockedWork,
  lock: DeploymentLock,
  attempt: (lock: LockRequest) => Promise<T | Held>,
): Promise<T> {
  const { modelId, version, environment, actor, purpose, signal } = request
  const facts = { modelId, environment, ...(version === undefined ? {} : { version }) }
  const waitMs = request.waitMs ?? 0
  if (!(waitMs >= 0 && waitMs <= 86_400_000))
    throw refuse('waitMs', waitMs, 'milliseconds from 0 to a day', 'The deployment')
  const toTake = { ...lock, holder: `${actor} (${deps.holder})`, purpose, leaseMs: deps.lockLeaseMs }
  const deadline = performance.now() + waitMs
  for (let pauseMs = SHORTEST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    if (signal?.aborted)
      throw new DeploymentError({ ...facts, step: 'lock' }, { reason: aborted, cause: signal.reason })
    const answer = await attempt(toTake)
    if (!isHeld(answer)) return answer
    const leftMs = deadline - performance.now()
    if (leftMs <= 0) {
      const { holder, purpose: heldFor, expiresInMs } = answer
      const { expectedActive: expected } = request
      throw new ConcurrentDeploymentError({
        ...facts,
        holder,
        purpose: heldFor,
        retryInMs: Math.max(0, Math.round(expiresInMs)),
        step: 'lock',
        ...(expected === undefined ? {} : { expected }),
      })
    }
    await pause(Math.min(pauseMs, leftMs), signal)
  }
}

function isHeld(answer: { readonly is: string }): answer is Held {
  return answer.is === 'held'
}
