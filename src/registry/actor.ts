import { ACTOR_RULE, isActor } from '../domain/actor.js'
import { refuse } from '../domain/refuse.js'
import type { RegistryDeps } from './deps.js'

/** @throws ModelValidationError when it is no name of somebody. */
export function actorOf(
  deps: RegistryDeps,
  options: { readonly actor?: string | undefined } | undefined,
): string {
  const actor = options?.actor ?? deps.actor
  if (isActor(actor)) return actor
  throw refuse('actor', actor, ACTOR_RULE)
}
