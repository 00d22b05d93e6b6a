import type { Deployment } from '../../src/domain/deployment.js'
import type { HistoryEntry } from '../../src/domain/history.js'
import type { Operation } from './operations.js'

/** What one who only looked saw at one moment. */
export interface Observation {
  readonly environment: string
  /** The fences of all deployments that were active there. */
  readonly active: readonly number[]
}

/** Everything that is known of a run after its end. */
export interface Run {
  readonly operations: readonly Operation[]
  /** Of one model, in any order. */
  readonly deployments: readonly Deployment[]
  /** In the order in which one observer saw them. */
  readonly observations: readonly Observation[]
  readonly history: readonly HistoryEntry[]
}

export interface Verdict {
  /** What was looked at, in whole sentences. */
  readonly checked: readonly string[]
  /** What contradicts itself; empty when nothing does. */
  readonly problems: readonly string[]
}

/**
 * Whether what the callers were told, what the registry says of itself and what was seen meanwhile can all be true of
 * one registry that makes one deployment after the other: the manner of Jepsen, whose checkers get the calls of all
 * processes with their beginnings and ends (https://github.com/jepsen-io/jepsen).
 */
export function checkHistory(run: Run): Verdict {
  const checked: string[] = []
  const problems: string[] = []
  const check = (what: string, found: readonly string[]) => {
    checked.push(`${what}: ${found.length === 0 ? 'yes' : `no, ${found.length} times`}.`)
    problems.push(...found)
  }
  const places = new Map<string, Deployment[]>()
  for (const deployment of run.deployments)
    places.set(deployment.environment, [...(places.get(deployment.environment) ?? []), deployment])
  for (const [environment, all] of places) {
    const chain = all.toSorted((a, b) => a.fence - b.fence)
    const of = `${environment}, ${chain.length} deployments`
    check(`${of}: fences grow by one from 1`, brokenFences(chain))
    check(`${of}: each names the one before it, and ends when the next begins`, brokenLinks(chain))
    check(`${of}: the last one is active and no other`, wronglyActive(chain))
    check(`${of}: none was made before one whose caller had its answer`, outOfOrder(chain, run.operations))
    check(`${of}: the history has each once, in the same order`, unlikeHistory(chain, run.history))
  }
  const seen = run.observations.length
  check(`${seen} looks: never more than one active at a time`, twoActive(run.observations))
  check(`${seen} looks: what is active never goes back to an earlier fence`, goneBack(run.observations))
  const by = answersOf(run.operations)
  check(`${run.operations.length} calls (${by}): each answer agrees with the history`, lies(run))
  check(`${run.deployments.length} deployments: each was asked for, once`, unasked(run))
  return { checked, problems }
}

const name = ({ environment, fence, version }: Deployment) => `${environment} ${fence} (${version})`

function brokenFences(chain: readonly Deployment[]): string[] {
  return chain.flatMap((one, i) =>
    one.fence === i + 1 ? [] : [`${name(one)} stands at place ${i + 1} of its chain`],
  )
}

function brokenLinks(chain: readonly Deployment[]): string[] {
  return chain.flatMap((one, i) => {
    const before = chain[i - 1]
    const found: string[] = []
    if (one.previousId !== before?.id || one.previousVersion !== before?.version)
      found.push(`${name(one)} does not name the one before it`)
    if (before !== undefined && before.supersededAt !== one.deployedAt)
      found.push(
        `${name(before)} ended at ${before.supersededAt}, and ${name(one)} began at ${one.deployedAt}`,
      )
    if (before !== undefined && before.version === one.version && one.restores === undefined)
      found.push(`${name(one)} replaced itself`)
    return found
  })
}

function wronglyActive(chain: readonly Deployment[]): string[] {
  return chain.flatMap((one, i) => {
    const expected = i === chain.length - 1 ? 'active' : 'superseded'
    return one.status === expected ? [] : [`${name(one)} is ${one.status}`]
  })
}

/** A call that had its answer before another began comes before it. */
function outOfOrder(chain: readonly Deployment[], operations: readonly Operation[]): string[] {
  const found: string[] = []
  let latest: { at: number; of: Deployment } | undefined
  const byActor = new Map(operations.map((one) => [one.actor, one]))
  for (const one of chain) {
    const operation = byActor.get(one.deployedBy)
    if (operation === undefined) continue
    const { answer } = operation
    if (latest !== undefined && 'at' in answer && answer.at < latest.at)
      found.push(
        `${name(one)} was acknowledged before ${name(latest.of)} was asked for, and has the higher fence`,
      )
    if (latest === undefined || operation.at > latest.at) latest = { at: operation.at, of: one }
  }
  return found
}

function unlikeHistory(chain: readonly Deployment[], history: readonly HistoryEntry[]): string[] {
  const entries = history
    .filter(
      ({ action, environment }) =>
        /^(deployed|rolled-back)$/.test(action) && environment === chain[0]?.environment,
    )
    .toSorted((a, b) => a.sequence - b.sequence)
  if (entries.length !== chain.length)
    return [`${chain[0]?.environment} has ${chain.length} deployments and ${entries.length} entries`]
  return chain.flatMap((one, i) => {
    const entry = entries[i]
    const same =
      entry?.details.deploymentId === one.id &&
      entry.details.fence === one.fence &&
      entry.actor === one.deployedBy &&
      entry.version === one.version &&
      (entry.action === 'rolled-back') === (one.rollbackOf !== undefined)
    return same ? [] : [`the entry of ${name(one)} says something else`]
  })
}

function twoActive(observations: readonly Observation[]): string[] {
  return observations.flatMap(({ environment, active }) =>
    active.length <= 1
      ? []
      : [`${active.length} were active at once in ${environment}: ${active.join(', ')}`],
  )
}

function goneBack(observations: readonly Observation[]): string[] {
  const highest = new Map<string, number>()
  return observations.flatMap(({ environment, active }) => {
    const before = highest.get(environment) ?? 0
    const fence = Math.max(0, ...active)
    highest.set(environment, Math.max(before, fence))
    return fence >= before ? [] : [`${environment} went from ${before} back to ${fence}`]
  })
}

function answersOf(operations: readonly Operation[]): string {
  const count = (is: Operation['answer']['is']) => operations.filter(({ answer }) => answer.is === is).length
  return `${count('deployment')} done, ${count('failed')} refused, ${count('lost')} lost with their process`
}

function lies(run: Run): string[] {
  const byId = new Map(run.deployments.map((one) => [one.id, one]))
  const madeBy = new Map(run.deployments.map((one) => [one.deployedBy, one]))
  return run.operations.flatMap((operation) => {
    const made = madeBy.get(operation.actor)
    return [
      ...lieOfAnswer(operation, made, byId, run),
      ...(made ? lieOfDeployment(operation, made, byId) : []),
    ].map((problem) => `${operation.actor}: ${problem}`)
  })
}

/** What the caller was told, against what is recorded. */
function lieOfAnswer(
  operation: Operation,
  made: Deployment | undefined,
  byId: ReadonlyMap<string, Deployment>,
  run: Run,
): string[] {
  const { answer } = operation
  switch (answer.is) {
    case 'lost':
    case 'record':
      return []
    case 'deployment': {
      const told = answer.deployment
      const recorded = byId.get(told.id)
      if (recorded === undefined) return [`was told of ${name(told)}, which is not recorded`]
      if (
        recorded.fence !== told.fence ||
        recorded.version !== told.version ||
        recorded.environment !== operation.environment
      )
        return [`was told of ${name(told)}, which is recorded as ${name(recorded)}`]
      if (made !== undefined)
        return made.id === told.id ? [] : [`was told of ${name(told)} and made ${name(made)}`]
      if (operation.is === 'rollback') return [`was told that it rolled back, by ${told.deployedBy}`]
      if (told.version !== operation.version)
        return [`asked for ${operation.version} and was told of ${name(told)}`]
      return wasActiveDuring(recorded, operation.at, answer.at)
        ? []
        : [`was told that ${name(told)} is active, which it was not at that time`]
    }
    case 'failed': {
      if (answer.code === 'NONE') return [`failed with what is no error of the catalog: ${answer.cause}`]
      if (answer.outcome === 'not-applied' && made !== undefined)
        return [`was told ${answer.code} (${answer.cause}), and ${name(made)} was made`]
      if (answer.outcome === 'applied' && made === undefined)
        return [`was told ${answer.code} with outcome applied, and nothing was made`]
      if (answer.cause !== 'expected-version-not-active') return []
      return couldHaveBeen(run, operation, answer.actual ?? null, answer.at)
        ? []
        : [`was told that ${answer.actual ?? 'nothing'} is active, which it was not at that time`]
    }
  }
}

/** What a deployment that was made says, against what was asked for. */
function lieOfDeployment(
  operation: Operation,
  made: Deployment,
  byId: ReadonlyMap<string, Deployment>,
): string[] {
  const { expectedActive } = operation
  const found: string[] = []
  if (made.environment !== operation.environment)
    found.push(`asked for ${operation.environment} and got ${name(made)}`)
  if (operation.is === 'deploy' && made.version !== operation.version)
    found.push(`asked for ${operation.version} and got ${name(made)}`)
  if (expectedActive !== undefined && (made.previousVersion ?? null) !== expectedActive)
    found.push(`expected ${expectedActive ?? 'nothing'} and replaced ${made.previousVersion ?? 'nothing'}`)
  if (operation.is === 'rollback') {
    const restored = byId.get(made.restores ?? '')
    if (
      made.rollbackOf !== made.previousId ||
      restored?.version !== made.version ||
      restored.fence >= made.fence
    )
      found.push(`rolled back to ${name(made)}, which does not bring back what it says`)
  } else if (made.rollbackOf !== undefined) found.push(`deployed, and ${name(made)} is a rollback`)
  return found
}

function wasActiveDuring({ deployedAt, supersededAt }: Deployment, from: number, to: number): boolean {
  return Date.parse(deployedAt) <= to && (supersededAt === undefined || Date.parse(supersededAt) >= from)
}

function couldHaveBeen(
  { deployments }: Run,
  { environment, at }: Operation,
  version: string | null,
  to: number,
) {
  const there = deployments.filter((one) => one.environment === environment)
  if (version !== null) return there.some((one) => one.version === version && wasActiveDuring(one, at, to))
  return there.every((one) => Date.parse(one.deployedAt) >= at)
}

function unasked({ deployments, operations }: Run): string[] {
  const actors = new Set(operations.map(({ actor }) => actor))
  const made = new Map<string, Deployment>()
  return deployments.flatMap((one) => {
    const twin = made.get(one.deployedBy)
    made.set(one.deployedBy, one)
    if (!actors.has(one.deployedBy))
      return [`${name(one)} was made by ${one.deployedBy}, who asked for nothing`]
    return twin === undefined ? [] : [`${one.deployedBy} asked once and made ${name(twin)} and ${name(one)}`]
  })
}
