import { z } from 'zod'
import { diagnoseText } from '../../diagnosis/diagnose-text.js'
import { operations } from '../../diagnosis/read/operations.js'
import { errorCodes } from '../../errors/entry.js'
import { receive } from '../receive.js'
import { type App, problems, type RouteDeps, sendJson } from '../route.js'

/** 10 MiB: a long log. */
const MAX_BYTES = 10 * 1024 * 1024
const WITHIN_MS = 60_000

const retry = z.object({
  advice: z.enum(['never', 'safe', 'after-fix']),
  inMs: z.number().optional().meta({ description: 'Milliseconds.' }),
})

const diagnosisSchema = z
  .object({
    code: z.enum(errorCodes).nullable(),
    cause: z.string().nullable().meta({ description: 'The id of the cause; null where nothing was found.' }),
    title: z.string(),
    confidence: z.number().min(0).max(1),
    evidence: z.array(
      z.object({ text: z.string(), start: z.number().int(), end: z.number().int(), means: z.string() }),
    ),
    outcome: z.enum(['not-applied', 'applied', 'unknown']),
    retry,
    steps: z.array(z.object({ text: z.string(), run: z.string().optional() })),
    runbook: z.string().nullable(),
    fix: z
      .object({ id: z.string(), applicability: z.enum(['safe', 'needs-consent']), does: z.string() })
      .nullable(),
    considered: z.array(z.object({ code: z.enum(errorCodes), cause: z.string(), confidence: z.number() })),
  })
  .meta({ id: 'Diagnosis' })

const wrapped = z.object({ text: z.string(), operation: z.enum(operations).optional() })

/** In a scope of its own: the body is taken as it is, since what is pasted need not be well-formed JSON. */
export function diagnoseRoutes(app: App, _deps: RouteDeps): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))

  app.post(
    '/api/diagnose',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Find the code and the cause of a failure in what is sent',
        description:
          'The body is the text: a log, a dump of an error, an answer of a store. Or JSON: an error as it is, or `{ "text": …, "operation": … }`. At most 10 MiB. Nothing is stored, and nothing secret comes back.',
        tags: ['errors'],
        consumes: ['text/plain', 'application/json'],
        querystring: z.object({
          operation: z
            .enum(operations)
            .optional()
            .meta({ description: 'What was being done, where it is known.' }),
        }),
        body: z.union([z.string(), wrapped]).optional(),
        response: { 200: diagnosisSchema, ...problems },
      },
    },
    async (request, reply) => {
      const pieces: Uint8Array[] = []
      for await (const piece of receive(request.raw, { maxBytes: MAX_BYTES, withinMs: WITHIN_MS }))
        pieces.push(piece)
      const body = new TextDecoder().decode(Buffer.concat(pieces))
      const given = wrapped.safeParse(asJson(body)).data ?? { text: body }
      const operation = request.query.operation ?? given.operation
      reply.header('cache-control', 'no-store')
      return sendJson(reply, 200, diagnoseText(given.text, { operation }))
    },
  )
}

/** Undefined for what is no JSON object with a text: then it is the text itself. */
function asJson(body: string): unknown {
  if (!/^\s*\{/.test(body)) return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
