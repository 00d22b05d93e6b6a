import { describe, expect, it } from 'vitest'
import { type Deployment, deploymentSchema } from '../../src/domain/deployment.js'
import type { HistoryEntry } from '../../src/domain/history.js'
import { checkHistory, type Run } from './check-history.js'
import { type Operation, readOperations } from './operations.js'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
interface Forged {
  operations: Mutable<Operation>[]
  deployments: Deployment[]
  observations: { environment: string; active: number[] }[]
  history: Mutable<HistoryEntry>[]
}

const at = (second: number) => Date.UTC(2026, 0, 1, 0, 0, second)
const iso = (second: number) => new Date(at(second)).toISOString()

/** `fence` was made at that second, and asked for half a second before. */
function deployment(fence: number, version: string, last: number): Deployment {
  return deploymentSchema.parse({
    ...{ id: `d${fence}`, modelId: 'm', version, environment: 'production', fence },
    status: fence === last ? 'active' : 'superseded',
    deployedAt: iso(fence * 10),
    deployedBy: `w#${fence}`,
    ...(fence === 1 ? {} : { previousId: `d${fence - 1}`, previousVersion: `${((fence - 2) % 3) + 1}.0.0` }),
    ...(fence === last ? {} : { supersededAt: iso((fence + 1) * 10) }),
  })
}

/** A run in which everything is true: five deployments of three versions, a rollback of the last one, and three refusals. */
function trueRun(): Forged {
  const deployments = [1, 2, 3, 4, 5].map((fence) => deployment(fence, `${((fence - 1) % 3) + 1}.0.0`, 5))
  const [, , third, fourth, fifth] = deployments
  if (third === undefined || fourth === undefined || fifth === undefined)
    throw new TypeError('there are five')
  Object.assign(fifth, { version: '3.0.0', rollbackOf: 'd4', restores: 'd3' })
  const operations = deployments.map(
    (one): Mutable<Operation> => ({
      actor: one.deployedBy,
      is: one.rollbackOf === undefined ? 'deploy' : 'rollback',
      environment: 'production',
      ...(one.rollbackOf === undefined ? { version: one.version } : {}),
      at: at(one.fence * 10 - 5),
      answer: { is: 'deployment', at: at(one.fence * 10 + 1), deployment: structuredClone(one) },
    }),
  )
  const refused = { is: 'failed', code: 'CONCURRENT_DEPLOYMENT', outcome: 'not-applied' } as const
  const asked = { is: 'deploy', environment: 'production', version: '1.0.0' } as const
  operations.push(
    {
      ...asked,
      actor: 'x#1',
      at: at(12),
      answer: { ...refused, cause: 'deployment-in-progress', at: at(13) },
    },
    {
      ...{ ...asked, actor: 'x#2', at: at(22), expectedActive: null },
      answer: { ...refused, cause: 'expected-version-not-active', actual: '2.0.0', at: at(23) },
    },
    { ...asked, actor: 'x#3', at: at(33), answer: { is: 'lost' } },
    // Active already: it is told of what another has made.
    { ...asked, actor: 'x#4', at: at(42), answer: { is: 'deployment', at: at(43), deployment: fourth } },
  )
  return {
    operations,
    deployments,
    observations: [[], [1], [1], [3], [5]].map((active) => ({ environment: 'production', active })),
    history: deployments.map((one) => ({
      sequence: one.fence,
      at: one.deployedAt,
      actor: one.deployedBy,
      action: one.rollbackOf === undefined ? 'deployed' : 'rolled-back',
      ...{ modelId: 'm', version: one.version, environment: 'production' },
      details: { deploymentId: one.id, fence: one.fence },
    })),
  }
}

const judged = (forge: (run: Forged) => void) => {
  const run = trueRun()
  forge(run)
  return checkHistory(run satisfies Run).problems
}
const the = <T>(list: readonly T[], index: number): T => {
  const item = list[index]
  if (item === undefined) throw new RangeError(`there is no item ${index}`)
  return item
}
const answerOf = (run: Forged, index: number) => {
  const { answer } = the(run.operations, index)
  if (answer.is !== 'deployment') throw new TypeError('that call was refused')
  return answer.deployment
}

describe('the checker of deployments', () => {
  it('finds nothing in a run in which everything is true, and says what it looked at', () => {
    const { problems, checked } = checkHistory(trueRun())
    expect(problems).toEqual([])
    expect(checked).toContain(
      '9 calls (6 done, 2 refused, 1 lost with their process): each answer agrees with the history: yes.',
    )
    expect(checked).toHaveLength(9)
    expect(checkHistory({ ...trueRun(), operations: [] }).checked.at(-1)).toMatch(/: no, 5 times\.$/)
  })

  it('takes either for true where the process died before it was told', () => {
    expect(judged((run) => Object.assign(the(run.operations, 1), { answer: { is: 'lost' } }))).toEqual([])
  })

  const lies: [string, (run: Forged) => void, RegExp][] = [
    ['a fence that is left out', ({ deployments }) => (the(deployments, 2).fence = 9), /stands at place/],
    [
      'a fence that is given twice',
      ({ deployments }) => (the(deployments, 2).fence = 2),
      /stands at place 3/,
    ],
    [
      'a deployment that is gone',
      ({ deployments }) => deployments.splice(1, 1),
      /does not name the one before/,
    ],
    [
      'a fork: two that replaced the same one',
      ({ deployments }) => (the(deployments, 2).previousId = 'd1'),
      /production 3 .* does not name the one before it/,
    ],
    [
      'a gap in time',
      ({ deployments }) => (the(deployments, 2).supersededAt = iso(39)),
      /ended at .* and production 4/,
    ],
    [
      'a second active one',
      ({ deployments }) => (the(deployments, 1).status = 'active'),
      /production 2 .* is active/,
    ],
    [
      'none that is active',
      ({ deployments }) => (the(deployments, 4).status = 'superseded'),
      /5 .* is superseded/,
    ],
    [
      'two active at a moment',
      ({ observations }) => the(observations, 3).active.push(2),
      /2 were active at once/,
    ],
    [
      'a look back in time',
      ({ observations }) => (the(observations, 4).active = [2]),
      /went from 3 back to 2/,
    ],
    [
      'nothing active after something was',
      ({ observations }) => (the(observations, 4).active = []),
      /back to 0/,
    ],
    [
      'an acknowledged deployment that is not recorded',
      (run) => (answerOf(run, 1).id = 'd99'),
      /w#2: was told of .* which is not recorded/,
    ],
    ['a fence other than the one told', (run) => (answerOf(run, 1).fence = 7), /is recorded as production 2/],
    [
      'another version than was asked for',
      ({ operations }) => (the(operations, 1).version = '3.0.0'),
      /asked for 3\.0\.0 and got production 2/,
    ],
    [
      'a refusal of what was done',
      ({ operations }) =>
        Object.assign(the(operations, 1), {
          answer: {
            is: 'failed',
            code: 'DEPLOYMENT_FAILED',
            cause: 'aborted',
            outcome: 'not-applied',
            at: at(21),
          },
        }),
      /w#2: was told DEPLOYMENT_FAILED \(aborted\), and production 2 .* was made/,
    ],
    [
      'a failure that no error of the catalog tells',
      ({ operations }) =>
        Object.assign(the(operations, 7), {
          answer: { is: 'failed', code: 'NONE', cause: 'TypeError', outcome: 'unknown', at: at(34) },
        }),
      /no error of the catalog: TypeError/,
    ],
    [
      'a version that was not active when it was said to be',
      (run) =>
        Object.assign(the(run.operations, 8), {
          at: at(52),
          answer: { ...the(run.operations, 8).answer, at: at(53) },
        }),
      /x#4: was told that production 4 .* is active, which it was not/,
    ],
    [
      'an expectation that was broken',
      ({ operations }) => (the(operations, 1).expectedActive = '3.0.0'),
      /expected 3\.0\.0 and replaced 1\.0\.0/,
    ],
    [
      'a refusal for a version that was not active',
      (run) => Object.assign(the(run.operations, 6).answer, { actual: '3.0.0' }),
      /x#2: was told that 3\.0\.0 is active/,
    ],
    [
      'a refusal because nothing is active, when something was',
      (run) => Object.assign(the(run.operations, 6).answer, { actual: null }),
      /x#2: was told that nothing is active/,
    ],
    [
      'a rollback to another version',
      ({ deployments }) => (the(deployments, 4).restores = 'd1'),
      /w#5: rolled back to/,
    ],
    [
      'a deployment that calls itself a rollback',
      ({ deployments }) => Object.assign(the(deployments, 3), { rollbackOf: 'd3', restores: 'd1' }),
      /w#4: deployed, and production 4 .* is a rollback/,
    ],
    [
      'an answer before a call that came later and got the lower fence',
      ({ operations }) =>
        Object.assign(the(operations, 1), {
          at: at(60),
          answer: { ...the(operations, 1).answer, at: at(61) },
        }),
      /production 3 .* was acknowledged before production 2 .* was asked for/,
    ],
    [
      'one call that made two deployments',
      ({ deployments, history }) => {
        the(deployments, 1).deployedBy = 'w#1'
        the(history, 1).actor = 'w#1'
      },
      /w#1 asked once and made/,
    ],
    [
      'a deployment that nobody asked for',
      ({ deployments }) => (the(deployments, 1).deployedBy = 'eve'),
      /made by eve, who asked for nothing/,
    ],
    [
      'an entry of the history that is missing',
      ({ history }) => history.splice(1, 1),
      /5 deployments and 4 entries/,
    ],
    [
      'an entry with another fence',
      ({ history }) => (the(history, 1).details.fence = 3),
      /the entry of production 2/,
    ],
    [
      'a history in another order',
      ({ history }) => {
        the(history, 1).sequence = 3
        the(history, 2).sequence = 2
      },
      /the entry of production 2/,
    ],
  ]
  it.each(lies)('finds %s', (_, forge, found) => {
    const problems = judged(forge)
    expect(problems.join('\n')).toMatch(found)
  })
})

describe('the log of a process', () => {
  const asked = (actor: string) =>
    JSON.stringify({ step: 'asked', actor, is: 'deploy', environment: 'production', version: '1.0.0', at: 1 })
  const failed = JSON.stringify({
    ...{ step: 'failed', actor: 'w#2', at: 2, code: 'CONCURRENT_DEPLOYMENT' },
    ...{ cause: 'deployment-in-progress', outcome: 'not-applied' },
  })

  it('tells what became of each call, and that one had no answer when the process died', () => {
    const log = `${asked('w#1')}\n${asked('w#2')}\n${failed}\n${asked('w#3')}\n{"step":"do`
    expect(readOperations(log).map(({ actor, answer }) => [actor, answer.is])).toEqual([
      ['w#1', 'lost'],
      ['w#2', 'failed'],
      ['w#3', 'lost'],
    ])
  })
})
