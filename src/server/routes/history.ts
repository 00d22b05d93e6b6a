import { historyEntrySchema } from '../../domain/history.js'
import { historyQuerySchema } from '../../domain/query.js'
import { pageSchema } from '../../wire/answers.js'
import { type App, problems, type RouteDeps, sendPage } from '../route.js'
import { limitSchema } from './models.js'

export function historyRoutes(app: App, { engine }: RouteDeps): void {
  app.get(
    '/api/history',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'List who did what',
        description: 'Newest first; entries are never altered.',
        tags: ['history'],
        querystring: historyQuerySchema.extend({ limit: limitSchema }),
        response: { 200: pageSchema(historyEntrySchema), ...problems },
      },
    },
    async (request, reply) => sendPage(reply, await engine.registry.listHistory(request.query)),
  )
}
