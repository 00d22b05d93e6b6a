import { withCheckedCalls } from '../domain/checked-calls.js'
import type { FailedCall } from '../errors/auto-fix.js'
import { createAccessTokens } from './access-tokens.js'
import { removeAlias, setAlias } from './alias.js'
import { approveDeployment, revokeApproval } from './approve-deployment.js'
import { archiveModel } from './archive-model.js'
import { breakerStats, resetBreaker } from './breaker.js'
import { CallsUnderWay } from './calls-under-way.js'
import { createSaveSteps } from './create-save-steps.js'
import { deleteModel } from './delete-model.js'
import { deployModel } from './deploy-model.js'
import type { RegistryDeps } from './deps.js'
import { diffVersions } from './diff-versions.js'
import type { Engine } from './engine.js'
import { equipError, equipped, equippedModel, equippedPieces } from './equip.js'
import { exportRegistry } from './export-registry.js'
import { getActiveModel } from './get-active-model.js'
import { getModel, getModelText } from './get-model.js'
import { health, pendingIn } from './health.js'
import { heldByOthers } from './held-by-others.js'
import { createIdempotency } from './idempotency.js'
import { importRegistry } from './import-registry.js'
import {
  getModelVersions,
  listDeployments,
  listHistory,
  listModels,
  listModelTexts,
  listVersionTexts,
} from './listings.js'
import { loadModel } from './load-model.js'
import { openFile } from './open-file.js'
import { withUnavailable } from './outage.js'
import type { Registry } from './registry.js'
import { restoreModel } from './restore-model.js'
import { rollbackDeployment } from './rollback-deployment.js'
import { saveModel } from './save-model.js'
import { scan } from './scan.js'
import { signFile } from './sign-file.js'
import { sync } from './sync.js'
import { type Syncing, syncInBackground } from './sync-in-background.js'
import { updateMetadata } from './update-metadata.js'
import { endUpload, uploads } from './uploads.js'

/** Makes a call that changes nothing again. */
type Again<A extends unknown[]> = (args: A, signal: AbortSignal) => Promise<unknown>
type UseCase<A extends unknown[], R> = (deps: RegistryDeps, ...args: A) => Promise<R>

/** @see RegistryDeps.closeGraceMs */
const CLOSE_GRACE_MS = 10_000

/** Binds the use cases to their stores. */
export function createEngine(parts: RegistryDeps): Engine {
  const ending = new AbortController()
  const deps: RegistryDeps = { ...parts, closing: ending.signal }
  const calls = new CallsUnderWay()
  let closed: Promise<void> | undefined

  /**
   * Refuses calls after `close`, and lets `close` wait for those before it.
   *
   * @param operation - what errors call it: a name that its caller knows.
   */
  const bind =
    <A extends unknown[], R>(useCase: UseCase<A, R>, again?: Again<A>, operation: string = useCase.name) =>
    (...args: A): Promise<R> => {
      const call: FailedCall =
        again === undefined ? { operation } : { operation, again: (signal) => again(args, signal) }
      return equipped(deps, calls, call, () => useCase(deps, ...args))
    }

  const bindAs = <A extends unknown[], R>(operation: string, useCase: UseCase<A, R>) =>
    bind(useCase, undefined, operation)

  /** For what changes nothing: it can be called again to see whether it succeeds. */
  const bindRead = <A extends unknown[], R>(useCase: UseCase<A, R>) =>
    bind(useCase, (args) => useCase(deps, ...args))

  const load = bindRead(loadModel)
  const unfollow = deps.breaker?.onChange((change) => deps.events.emit('breaker-state', change))

  let background: Syncing | undefined

  const close = async () => {
    calls.close()
    await background?.end()
    const reason = new DOMException('The registry was closed.', 'AbortError')
    const timer = setTimeout(() => ending.abort(reason), deps.closeGraceMs ?? CLOSE_GRACE_MS)
    await calls.allEnded()
    clearTimeout(timer)
    unfollow?.()
    await Promise.all([deps.artifacts.close(), deps.metadata.close()])
  }

  const registry = withCheckedCalls<Registry>({
    saveModel: bind(saveModel),
    getModel: bind(getModel, ([modelId, version, options], signal) =>
      getModel(deps, modelId, version, { ...options, signal }),
    ),
    loadModel: async (...args) => equippedModel(deps, await load(...args), calls),
    getModelVersions: bindRead(getModelVersions),
    listModels: bindRead(listModels),
    diffVersions: bindRead(diffVersions),
    updateMetadata: bind(updateMetadata),
    setAlias: bind(setAlias),
    removeAlias: bind(removeAlias),
    archiveModel: bind(archiveModel),
    restoreModel: bind(restoreModel),
    deleteModel: bind(deleteModel),
    approveDeployment: bind(approveDeployment),
    revokeApproval: bind(revokeApproval),
    deployModel: bind(deployModel),
    getActiveModel: bindRead(getActiveModel),
    rollbackDeployment: bind(rollbackDeployment),
    listDeployments: bindRead(listDeployments),
    listHistory: bindRead(listHistory),
    scan() {
      calls.refuseWhenClosed('scan')
      return equippedPieces(deps, { operation: 'scan' }, scan(deps))
    },
    health: () => health(deps),
    breakerStats: bindRead(breakerStats),
    resetBreaker: bind(resetBreaker),
    events: deps.events.source,
    close: () => (closed ??= close()),
  })
  return {
    registry,
    saves: withUnavailable(createSaveSteps(deps)),
    tokens: createAccessTokens(deps.metadata, deps.now),
    idempotency: createIdempotency(deps.metadata),
    texts: {
      getModel: bindAs('getModel', getModelText),
      listModels: bindAs('listModels', listModelTexts),
      listVersions: bindAs('getModelVersions', listVersionTexts),
    },
    openFile: bindAs('loadModel', openFile),
    exportTo: bind(exportRegistry),
    importFrom: bind(importRegistry),
    signFile: bindAs('loadModel', signFile),
    uploads() {
      calls.refuseWhenClosed('modelry uploads list')
      return equippedPieces(deps, { operation: 'modelry uploads list' }, uploads(deps))
    },
    endUpload: bindAs('modelry uploads abort', endUpload),
    sync(options) {
      calls.refuseWhenClosed('modelry sync')
      return equippedPieces(deps, { operation: 'modelry sync' }, sync(deps, options))
    },
    heldByOthers: bindAs('modelry sync', heldByOthers),
    pending: () => pendingIn(deps.spool),
    syncInBackground() {
      if (closed === undefined) background ??= syncInBackground(deps)
    },
    asksForApprovals: (environment) => (deps.environments[environment]?.approvals ?? 0) > 0,
    equip: (error) => equipError(deps, { operation: error.context.operation ?? 'the call' }, error),
  }
}
