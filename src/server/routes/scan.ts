import { scanFindingSchema } from '../../wire/answers.js'
import { NDJSON_TYPE } from '../../wire/headers.js'
import { sendLines } from '../ndjson.js'
import { type App, problems, type RouteDeps } from '../route.js'

export function scanRoutes(app: App, deps: RouteDeps): void {
  app.get(
    '/api/scan',
    {
      config: { scope: 'admin' },
      schema: {
        summary: 'Look for what crashes left behind and for what is missing',
        description:
          'One finding a line, as it is found. When the scan fails on its way, the last line is `{"problem": …}`. Reads everything once.',
        tags: ['health'],
        response: {
          200: { description: 'Findings.', content: { [NDJSON_TYPE]: { schema: scanFindingSchema } } },
          ...problems,
        },
      },
    },
    async (request, reply) => sendLines(request, reply, deps, deps.engine.registry.scan()),
  )
}
