import type { FastifyRequest } from 'fastify'
import type { ScanFinding } from '../../registry/registry.js'
import { scanFindingSchema } from '../../wire/answers.js'
import { NDJSON_TYPE } from '../../wire/headers.js'
import { baseUrl } from '../base-url.js'
import { toProblem } from '../problem.js'
import { type App, problems, type RouteDeps, sendStream } from '../route.js'

export function scanRoutes(app: App, { engine, settings }: RouteDeps): void {
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
    async (request, reply) =>
      sendStream(
        reply.header('content-type', NDJSON_TYPE),
        lines(request, engine.registry.scan(), settings.publicUrl),
      ),
  )
}

async function* lines(
  request: FastifyRequest,
  findings: AsyncIterable<ScanFinding>,
  publicUrl: string | undefined,
): AsyncGenerator<string> {
  try {
    for await (const finding of findings) yield `${JSON.stringify(finding)}\n`
  } catch (error) {
    request.log.warn({ err: error, requestId: request.id }, 'the scan failed')
    const context = { base: baseUrl(request, publicUrl), instance: request.url, requestId: request.id }
    yield `${JSON.stringify({ problem: toProblem(error, context).body })}\n`
  }
}
