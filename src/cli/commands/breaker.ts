import { Argument } from 'commander'
import type { BreakerStats } from '../../domain/breaker.js'
import type { CliCommand } from '../command.js'
import type { Paint } from '../paint.js'
import type { Session } from '../session.js'
import { count, shown, time } from '../text.js'

export const breaker: CliCommand = {
  examples: [
    { what: 'What the breaker of a server knows', run: 'modelry breaker --server http://127.0.0.1:7878' },
    {
      what: 'Close it by hand, once the store is known to be back, with a token for admin in MODELRY_TOKEN',
      run: 'modelry breaker reset --server http://127.0.0.1:7878',
    },
  ],
  configure(command) {
    command.addArgument(
      new Argument('[action]', 'reset closes it and forgets what was counted').choices(['reset']),
    )
  },
  async run(session, [action]) {
    const words = await wordsWithoutServer(session)
    if (words !== undefined)
      return {
        exitCode: action === 'reset' ? 1 : 0,
        json: { circuits: [], of: 'this process' },
        text: () => (action === 'reset' ? `Nothing was reset. ${words}` : words),
      }
    const registry = await session.registry()
    const circuits = await (action === 'reset' ? registry.resetBreaker() : registry.breakerStats())
    return {
      json: { state: worstOf(circuits), circuits, of: 'the server' },
      text: (paint) =>
        [
          ...(action === 'reset' ? [`${paint.good('Reset')} the circuit breaker of the server.`, ''] : []),
          circuits.length === 0
            ? 'The server keeps its files in a folder, which has no circuit breaker.'
            : circuits.map((circuit) => paragraph(circuit, paint)).join('\n\n'),
        ].join('\n'),
    }
  },
}

/** A breaker is of one process, and counts what that process called; that of this one has counted nothing. */
async function wordsWithoutServer(session: Session): Promise<string | undefined> {
  const { config } = await session.config()
  if (config.remote !== undefined) return undefined
  if (config.store.is === 'file')
    return `The files of this registry are in the folder ${config.store.root}, which has no circuit breaker.`
  return [
    'A circuit breaker is of the process that calls the store, and this one has not called it yet. Name the server whose',
    'breaker is meant:',
    '',
    '  modelry breaker --server http://127.0.0.1:7878',
  ].join('\n')
}

function worstOf(circuits: readonly BreakerStats[]): BreakerStats['state'] {
  const states = circuits.map(({ state }) => state)
  return states.find((state) => state === 'open') ?? states.find((state) => state !== 'closed') ?? 'closed'
}

function paragraph(circuit: BreakerStats, paint: Paint): string {
  const { bucket, endpoint, state, since, window, failureRate, total, rules, lastFailures } = circuit
  const colour = state === 'closed' ? paint.good : paint.bad
  const calls = window.succeeded + window.failed
  return [
    `${paint.strong(shown(bucket))} at ${shown(endpoint)}: ${colour(state)} since ${time(since)}`,
    ...(circuit.retryInMs === undefined
      ? []
      : [`  One call may try again in ${Math.ceil(circuit.retryInMs / 1000)} s.`]),
    `  ${count(window.failed, 'failure')} in ${count(calls, 'call')} of the last ${rules.windowMs / 1000} s (${percent(failureRate)}); it opens above ${percent(rules.threshold)} of at least ${rules.minimumCalls}.`,
    `  Since the start or the last reset: ${total.succeeded} succeeded, ${total.failed} failed, ${total.refused} refused; opened ${count(total.opened, 'time')}.`,
    ...lastFailures.map(({ at, cause, message }) => `  ${time(at)}  ${shown(cause)}: ${shown(message)}`),
  ].join('\n')
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`
}
