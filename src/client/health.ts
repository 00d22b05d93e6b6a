import { isModelRegistryError } from '../errors/model-registry-error.js'
import type { Health } from '../registry/registry.js'
import { healthSchema } from '../wire/answers.js'
import { boundedText } from './bounded-text.js'
import type { Connection } from './connection.js'

/** @see Registry.health */
export async function health(connection: Connection): Promise<Health> {
  const asked = performance.now()
  try {
    return await connection.probe('/readyz', async (response) =>
      healthSchema.parse(JSON.parse(await boundedText(response))),
    )
  } catch (error) {
    const shown = isModelRegistryError(error) ? error.toJSON() : { message: String(error) }
    const latencyMs = Math.round((performance.now() - asked) * 10) / 10
    const down = { status: 'down', latencyMs, error: shown } as const
    return { status: 'down', artifacts: down, metadata: down }
  }
}
