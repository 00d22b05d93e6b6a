import { type Environment, isEnvironment } from '../../domain/environment.js'
import { isModelId, type ModelId } from '../../domain/model-id.js'
import { approvalProblem, approversOf, parsePolicy, policyProblems } from '../../domain/policy.js'
import { isVersion, type Version } from '../../domain/version.js'
import type { MetadataStore } from '../../ports/metadata-store.js'
import { leaseLost } from '../causes/objects.js'
import { filesMissing, policyNotMet, transactionFailed } from '../causes/registry.js'
import { recheckPolicy } from '../causes/repairs.js'
import { waiting } from '../concurrent-deployment/fix.js'
import { FIRST_PAUSE_MS, type Fix, type FixRule, nextPauseMs } from '../fix.js'
import type { ModelRegistryError } from '../model-registry-error.js'

interface Subject {
  readonly modelId: ModelId
  readonly version: Version
  readonly environment: Environment
  readonly policy: NonNullable<ReturnType<typeof parsePolicy>>
  readonly actor: string
}

/** What keeps the version from its environment at this moment, and whether that can pass without another version. */
interface Verdict {
  readonly problems: readonly string[]
  readonly canPass: boolean
}

const rechecking: Fix = {
  ...recheckPolicy,
  reason: 'It waits and reads; nothing is approved, deployed or loosened.',
  effects: [],
  async plan(error) {
    const subject = subjectOf(error)
    if (subject === undefined) return []
    const { modelId, version, environment } = subject
    return [
      {
        text: `Check ${modelId}@${version} against the policy of ${environment} again, until it is met.`,
        changes: 'Nothing.',
        needs: needsOf(subject),
        undo: 'nothing-to-undo',
      },
    ]
  },
  async run(error, { metadata, saw, pause }) {
    const subject = subjectOf(error)
    if (subject === undefined) return false
    const name = `${subject.modelId}@${subject.version}`
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = nextPauseMs(pauseMs)) {
      const { problems, canPass } = await judge(metadata, subject)
      if (problems.length === 0) {
        saw(`${name} meets the policy of ${subject.environment}.`)
        return true
      }
      saw(`${name} does not meet the policy of ${subject.environment}: ${problems.join('; ')}.`)
      if (!canPass) return false
      await pause(pauseMs)
    }
  },
}

function needsOf({ policy, environment, actor }: Subject): string {
  const before = policy.mustHaveBeenActiveIn
  const needs = [
    ...((policy.approvals ?? 0) > 0 ? [`others than ${actor} to approve it for ${environment}`] : []),
    ...(before === undefined ? [] : [`it to have been active in ${before}`]),
    ...(policy.minimumMetrics === undefined ? [] : ['metrics as the policy asks for, which never change']),
  ].join(', and ')
  return needs === '' ? 'Nothing.' : `${needs.charAt(0).toUpperCase()}${needs.slice(1)}.`
}

async function judge(
  metadata: MetadataStore,
  { modelId, version, environment, policy, actor }: Subject,
): Promise<Verdict> {
  const record = await metadata.findVersion(modelId, { is: 'version', version })
  if (record === undefined || record.archivedAt !== undefined)
    return { problems: [`it is ${record === undefined ? 'gone' : 'archived'}`], canPass: false }
  const before = policy.mustHaveBeenActiveIn
  const wasActive = before === undefined || (await metadata.wasActive(modelId, version, before))
  const unapproved = approvalProblem(policy.approvals ?? 0, approversOf(record, environment, actor), actor)
  const forGood = policyProblems(policy, record, () => true)
  const problems = policyProblems(policy, record, () => wasActive)
  return {
    problems: unapproved === undefined ? problems : [...problems, unapproved],
    canPass: forGood.length === 0,
  }
}

/** The policy that refused it comes with the error: a repair does not know the configuration. */
function subjectOf({ context }: ModelRegistryError): Subject | undefined {
  const { modelId = '', version = '', environment = '', actor } = context
  const policy = parsePolicy(context.policy)
  if (!isModelId(modelId) || !isVersion(version) || !isEnvironment(environment)) return undefined
  if (policy === undefined || typeof actor !== 'string') return undefined
  return { modelId, version, environment, policy, actor }
}

export const deploymentFixes: readonly FixRule[] = [
  { code: 'DEPLOYMENT_FAILED', causes: [transactionFailed, filesMissing], underneath: true },
  { code: 'DEPLOYMENT_FAILED', causes: [policyNotMet], fix: rechecking },
  {
    code: 'DEPLOYMENT_FAILED',
    causes: [leaseLost],
    // Only a rollback does not say which version it would make active.
    when: ({ version }) => version === undefined,
    none: 'Another may have deployed since the lease ran out, and a rollback would undo that: see what is active, and decide again.',
  },
  { code: 'DEPLOYMENT_FAILED', causes: [leaseLost], fix: waiting },
]
