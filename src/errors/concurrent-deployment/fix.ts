import { type Environment, isEnvironment } from '../../domain/environment.js'
import { isModelId, type ModelId } from '../../domain/model-id.js'
import { isVersion, type Version } from '../../domain/version.js'
import type { HeldLock } from '../../ports/metadata-store.js'
import { deploymentInProgress, unexpectedActive } from '../causes/registry.js'
import { waitForDeployment } from '../causes/repairs.js'
import { FIRST_PAUSE_MS, type Fix, type FixRule, type FixTools, nextPauseMs, seconds } from '../fix.js'
import type { ModelRegistryError } from '../model-registry-error.js'

/** A lease can have ended at this very moment; what its holder did is worth waiting for all the same. */
const SHORTEST_WAIT_MS = 2_000

interface Subject {
  readonly modelId: ModelId
  readonly environment: Environment
  readonly version: Version
}

export const waiting: Fix = {
  ...waitForDeployment,
  reason: 'A deployment under way is left alone; one whose lease has run out can no longer commit.',
  effects: ['deployment-lock'],
  async plan(error, { metadata }) {
    const subject = subjectOf(error)
    if (subject === undefined) return []
    const { modelId, environment, version } = subject
    const lock = await metadata.findLock(modelId, environment)
    return [
      {
        text:
          lock === undefined
            ? `Nobody is deploying ${modelId} to ${environment} any more; see what the other deployment did.`
            : `Wait until ${describe(lock)} has ended, which takes at most ${seconds(Math.max(SHORTEST_WAIT_MS, lock.expiresInMs))} unless its lease is renewed.`,
        changes: 'Nothing.',
        needs: 'The other deployment to end, or its lease to run out.',
        undo: 'nothing-to-undo',
      },
      {
        text: `Remove the lock of ${modelId} in ${environment} where its lease has run out.`,
        changes:
          'The lock is gone, which anybody who deploys could take by then; what is active stays active.',
        needs: 'A lease that has run out; one that is renewed is left alone.',
        undo: 'nothing-to-undo',
      },
      {
        text: `See which version of ${modelId} is active in ${environment}, and whether ${version} can still be deployed.`,
        changes: 'Nothing.',
        needs: 'Nothing.',
        undo: 'nothing-to-undo',
      },
    ]
  },
  async run(error, tools) {
    const subject = subjectOf(error)
    if (subject === undefined) return false
    await waitForLock(subject, tools)
    const active = await sayWhatIsActive(subject, tools)
    return canBeMade(error, subject, active, tools)
  },
}

function subjectOf({ context }: ModelRegistryError): Subject | undefined {
  const { modelId = '', environment = '', version = '' } = context
  if (!isModelId(modelId) || !isEnvironment(environment) || !isVersion(version)) return undefined
  return { modelId, environment, version }
}

async function waitForLock({ modelId, environment }: Subject, tools: FixTools): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = nextPauseMs(pauseMs)) {
    const lock = await tools.metadata.findLock(modelId, environment)
    if (lock === undefined) break
    tools.saw(`The lock of ${modelId} in ${environment} is held for ${describe(lock)}.`)
    await tools.pause(pauseMs)
  }
  tools.signal.throwIfAborted()
  const left = await tools.metadata.releaseExpiredLock(modelId, environment)
  if (left !== undefined)
    tools.did(
      `The lock of ${modelId} in ${environment} was removed: the lease of ${describe(left)}, had run out.`,
    )
}

async function sayWhatIsActive({ modelId, environment }: Subject, { metadata, saw }: FixTools) {
  const active = await metadata.findActive(modelId, environment)
  saw(
    active === undefined
      ? `The other deployment has ended, and no version of ${modelId} is active in ${environment}.`
      : `The other deployment has ended, and ${modelId}@${active.version} is active in ${environment}, deployed by ${active.deployedBy} at ${active.deployedAt}.`,
  )
  return active
}

/** What the call would be refused for at this moment. */
async function canBeMade(
  { context }: ModelRegistryError,
  { modelId, environment, version }: Subject,
  active: { readonly version: string } | undefined,
  { metadata, saw }: FixTools,
): Promise<boolean> {
  const { expected } = context
  if (expected !== undefined && expected !== (active?.version ?? null)) {
    saw(`The call expects ${String(expected ?? 'nothing')} to be active in ${environment}, which it is not.`)
    return false
  }
  const record = await metadata.findVersion(modelId, { is: 'version', version })
  if (record !== undefined && record.archivedAt === undefined) return true
  saw(`${modelId}@${version} ${record === undefined ? 'is gone' : 'is archived'}, and cannot be deployed.`)
  return false
}

const describe = ({ holder, purpose }: HeldLock) => `${holder}, to ${purpose}`

export const concurrentDeploymentFixes: readonly FixRule[] = [
  {
    code: 'CONCURRENT_DEPLOYMENT',
    causes: [deploymentInProgress],
    // Only a rollback does not say which version it would make active.
    when: ({ version }) => version === undefined,
    none: 'After another deployment a rollback would undo that one: see what is active, and decide again.',
  },
  { code: 'CONCURRENT_DEPLOYMENT', causes: [deploymentInProgress], fix: waiting },
  {
    code: 'CONCURRENT_DEPLOYMENT',
    causes: [unexpectedActive],
    none: 'Another version is active than the call expects, and only who makes the call can say whether it may be replaced: see what is active, and pass it as expectedActive.',
  },
]
