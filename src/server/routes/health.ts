import { z } from 'zod'
import type { ComponentHealth, Health } from '../../registry/registry.js'
import { healthSchema } from '../../wire/answers.js'
import { type App, type RouteDeps, sendJson } from '../route.js'

export function healthRoutes(app: App, { engine }: RouteDeps): void {
  app.get(
    '/healthz',
    {
      config: { scope: 'anybody' },
      logLevel: 'warn',
      schema: {
        summary: 'Whether the process is alive',
        description: 'Asks no store. For readiness, use `/readyz`.',
        tags: ['health'],
        response: { 200: z.object({ status: z.literal('ok') }) },
      },
    },
    async (_request, reply) => sendJson(reply, 200, { status: 'ok' }),
  )

  app.get(
    '/readyz',
    {
      config: { scope: 'anybody, known or not' },
      logLevel: 'warn',
      schema: {
        summary: 'Whether both stores answer',
        description:
          'Really asks them. Names the causes to everybody, and the whole errors to those who may read.',
        tags: ['health'],
        response: { 200: healthSchema, 503: healthSchema },
      },
    },
    async (request, reply) => {
      const health = await engine.registry.health()
      const shown = request.identity === undefined ? forStrangers(health) : health
      reply.header('cache-control', 'no-store')
      return sendJson(reply, health.status === 'ok' ? 200 : 503, shown)
    },
  )
}

/** What the breaker knows has addresses in it too; a store that it keeps calls from is down with its cause. */
function forStrangers({ status, artifacts, metadata }: Health): Health {
  return { status, artifacts: withoutDetails(artifacts), metadata: withoutDetails(metadata) }
}

/** Paths and addresses of the stores are nobody's business; the code and the cause tell where to look. */
function withoutDetails({ error, ...component }: ComponentHealth): ComponentHealth {
  const parsed = z.object({ code: z.string(), cause: z.string() }).safeParse(error)
  return error === undefined ? component : { ...component, error: parsed.success ? parsed.data : {} }
}
