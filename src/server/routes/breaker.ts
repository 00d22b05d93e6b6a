import { z } from 'zod'
import type { BreakerStats } from '../../domain/breaker.js'
import { breakerSchema } from '../../wire/answers.js'
import { breakerMetrics, METRICS_TYPE, spoolMetrics } from '../metrics.js'
import { type App, actorOf, problems, type RouteDeps, sendJson } from '../route.js'

export function breakerRoutes(app: App, { engine: { registry, pending } }: RouteDeps): void {
  app.get(
    '/api/monitoring/circuit-breaker',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'What the circuit breaker knows',
        description:
          'State, rates, counts, the last failures with their causes and the next probe, for each bucket of the artifact store. Without circuits where the store is a folder, which needs no breaker.',
        tags: ['breaker'],
        response: { 200: breakerSchema, ...problems },
      },
    },
    async (_request, reply) => sendJson(reply, 200, shown(await registry.breakerStats())),
  )

  app.get(
    '/metrics',
    {
      config: { scope: 'read' },
      logLevel: 'warn',
      schema: {
        summary: 'Metrics for Prometheus',
        description:
          'The circuits of the artifact store and what waits in the spool for it, in the text format of Prometheus; nothing for a store that has neither.',
        tags: ['breaker'],
        response: { 200: z.string(), ...problems },
      },
    },
    async (_request, reply) => {
      const kept = await pending()
      const spool = kept === undefined ? '' : spoolMetrics(kept)
      const text = `${breakerMetrics(await registry.breakerStats())}${spool}`
      return reply.code(200).header('content-type', METRICS_TYPE).send(text)
    },
  )

  app.post(
    '/api/admin/circuit-breaker/reset',
    {
      config: { scope: 'admin', identity: 'token' },
      schema: {
        summary: 'Reset the circuit breaker',
        description:
          'Closes the circuits of the artifact store and forgets what was counted; recorded in the history. Always asks for a token: one of this registry with the scope admin, or the ADMIN_TOKEN that the server was started with. Use it when the store is known to be back; the next outage opens them again.',
        tags: ['breaker'],
        response: { 200: breakerSchema, ...problems },
      },
    },
    async (request, reply) => sendJson(reply, 200, shown(await registry.resetBreaker(actorOf(request)))),
  )
}

function shown(circuits: readonly BreakerStats[]) {
  const is = (state: BreakerStats['state']) => circuits.some((circuit) => circuit.state === state)
  return { state: is('open') ? 'open' : is('half-open') ? 'half-open' : 'closed', circuits }
}
