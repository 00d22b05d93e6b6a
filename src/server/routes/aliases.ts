import { z } from 'zod'
import { modelRecordSchema } from '../../domain/model-record.js'
import { setAliasSchema } from '../../wire/bodies.js'
import { type App, actorOf, problems, type RouteDeps, sendJson, sendNothing } from '../route.js'

const params = z.object({ modelId: z.string(), alias: z.string() })

export function aliasRoutes(app: App, { engine }: RouteDeps): void {
  app.put(
    '/api/models/:modelId/aliases/:alias',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Point an alias at a version',
        description: 'The alias moves from wherever it was.',
        tags: ['aliases'],
        params,
        body: setAliasSchema,
        response: { 200: modelRecordSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { modelId, alias } = request.params
      const { version } = request.body
      return sendJson(reply, 200, await engine.registry.setAlias(modelId, alias, version, actorOf(request)))
    },
  )

  app.delete(
    '/api/models/:modelId/aliases/:alias',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Remove an alias',
        tags: ['aliases'],
        params,
        response: { 204: z.null(), ...problems },
      },
    },
    async (request, reply) => {
      const { modelId, alias } = request.params
      await engine.registry.removeAlias(modelId, alias, actorOf(request))
      return sendNothing(reply)
    },
  )
}
