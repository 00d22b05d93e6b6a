import { isModelRegistryError } from '../errors/model-registry-error.js'
import { redact } from '../errors/redact.js'
import type { Spool } from '../ports/spool.js'
import type { RegistryDeps } from './deps.js'
import type { ComponentHealth, Health } from './registry.js'

/** @see Registry.health */
export async function health(deps: RegistryDeps): Promise<Health> {
  const [artifacts, metadata] = await Promise.all([
    ask(() => deps.artifacts.check()),
    ask(() => deps.metadata.check()),
  ])
  const { spool } = deps
  const standsIn = spool !== undefined && artifacts.failure !== undefined && spool.isAway(artifacts.failure)
  const works = metadata.shown.status === 'ok' && (artifacts.shown.status === 'ok' || standsIn)
  const breaker = deps.breaker?.stats()
  const pending = await pendingIn(spool)
  return {
    status: works ? 'ok' : 'down',
    artifacts: artifacts.shown,
    metadata: metadata.shown,
    ...(breaker === undefined ? {} : { breaker }),
    ...(pending === undefined ? {} : { pending }),
  }
}

/** @see Engine.pending */
export async function pendingIn(spool: Spool | undefined): Promise<Health['pending'] | undefined> {
  if (spool === undefined) return undefined
  const { files, bytes } = await spool.usage()
  return { files, bytes, maxBytes: spool.maxBytes, folder: spool.folder }
}

async function ask(
  check: () => Promise<void>,
): Promise<{ readonly shown: ComponentHealth; readonly failure?: unknown }> {
  const asked = performance.now()
  const latencyMs = () => Math.round((performance.now() - asked) * 10) / 10
  try {
    await check()
    return { shown: { status: 'ok', latencyMs: latencyMs() } }
  } catch (failure) {
    const error = isModelRegistryError(failure) ? failure.toJSON() : { message: redact(String(failure)) }
    return { shown: { status: 'down', latencyMs: latencyMs(), error }, failure }
  }
}
