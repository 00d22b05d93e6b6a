import type { BreakerStats } from '../domain/breaker.js'
import type { ActorOptions } from '../registry/registry.js'
import { breakerSchema } from '../wire/answers.js'
import * as answers from './answers.js'
import type { Connection } from './connection.js'

const read = answers.json(breakerSchema)

/** @see Registry.breakerStats */
export async function breakerStats(connection: Connection): Promise<BreakerStats[]> {
  const path = '/api/monitoring/circuit-breaker'
  const ask = { method: 'GET', path, operation: 'breakerStats', repeat: 'freely' } as const
  return (await connection.ask(ask, read)).circuits
}

/** @see Registry.resetBreaker */
export async function resetBreaker(
  connection: Connection,
  { actor }: ActorOptions = {},
): Promise<BreakerStats[]> {
  const path = '/api/admin/circuit-breaker/reset'
  const ask = { method: 'POST', path, actor, operation: 'resetBreaker', repeat: 'freely' } as const
  return (await connection.ask(ask, read)).circuits
}
