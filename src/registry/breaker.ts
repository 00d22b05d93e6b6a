import type { BreakerStats } from '../domain/breaker.js'
import { actorOf } from './actor.js'
import type { RegistryDeps } from './deps.js'
import type { ActorOptions } from './registry.js'

/** @see Registry.breakerStats */
export async function breakerStats({ breaker }: RegistryDeps): Promise<BreakerStats[]> {
  return breaker?.stats() ?? []
}

/** @see Registry.resetBreaker */
export async function resetBreaker(deps: RegistryDeps, options: ActorOptions = {}): Promise<BreakerStats[]> {
  const actor = actorOf(deps, options)
  const { breaker } = deps
  if (breaker === undefined) return []
  const circuits = breaker.stats().map(({ endpoint, bucket, state }) => ({ endpoint, bucket, was: state }))
  breaker.reset()
  // Recorded after it: a database that is away must not keep the store closed to those who need it.
  await deps.metadata.recordBreakerReset(actor, { circuits })
  return breaker.stats()
}
