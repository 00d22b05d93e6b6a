import { isModelRegistryError } from '../errors/model-registry-error.js'
import { redact } from '../errors/redact.js'
import type { RegistryDeps } from './deps.js'
import type { ComponentHealth, Health } from './registry.js'

/** @see Registry.health */
export async function health(deps: RegistryDeps): Promise<Health> {
  const [artifacts, metadata] = await Promise.all([
    ask(() => deps.artifacts.check()),
    ask(() => deps.metadata.check()),
  ])
  const status = artifacts.status === 'ok' && metadata.status === 'ok' ? 'ok' : 'down'
  const breaker = deps.breaker?.stats()
  return { status, artifacts, metadata, ...(breaker === undefined ? {} : { breaker }) }
}

async function ask(check: () => Promise<void>): Promise<ComponentHealth> {
  const asked = performance.now()
  const latencyMs = () => Math.round((performance.now() - asked) * 10) / 10
  try {
    await check()
    return { status: 'ok', latencyMs: latencyMs() }
  } catch (error) {
    const shown = isModelRegistryError(error) ? error.toJSON() : { message: redact(String(error)) }
    return { status: 'down', latencyMs: latencyMs(), error: shown }
  }
}
