import { refuse } from '../domain/refuse.js'
import type { RegistryDeps } from './deps.js'

/** @throws ModelValidationError when it could not be shown on one line of a history. */
export function actorOf(
  deps: RegistryDeps,
  options: { readonly actor?: string | undefined } | undefined,
): string {
  const actor = options?.actor ?? deps.actor
  if (actor.length > 0 && actor.length <= 128 && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(actor)) return actor
  throw refuse('actor', actor, 'a name of 1 to 128 visible characters')
}
