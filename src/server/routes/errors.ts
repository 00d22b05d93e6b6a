import { z } from 'zod'
import { nearest } from '../../domain/nearest.js'
import { catalog } from '../../errors/catalog.js'
import { type ErrorEntry, errorCodes } from '../../errors/entry.js'
import { entryWithCauses } from '../../errors/pages/catalog-json.js'
import { entryMarkdown } from '../../errors/pages/entry-markdown.js'
import { catalogPage } from '../catalog-page.js'
import { catalogQuerySchema, findInCatalog, foundSchema } from '../catalog-query.js'
import { page, sendHtml, wantsHtml } from '../html.js'
import { markdownHtml } from '../markdown.js'
import { HttpProblem } from '../problem.js'
import { type App, problems, sendJson } from '../route.js'

const params = z.object({ code: z.string() })

/** The catalog, as pages for people and as JSON for programs. It holds nothing of the registry: anybody may read it. */
export function errorRoutes(app: App): void {
  const list = {
    summary: 'Search the catalog of errors',
    tags: ['errors'],
    querystring: catalogQuerySchema,
    response: { 200: foundSchema, ...problems },
  }
  const one = {
    summary: 'What the catalog says of one error',
    tags: ['errors'],
    params,
    response: { 200: entrySchema, ...problems },
  }

  app.get(
    '/api/errors',
    {
      config: { scope: 'anybody' },
      schema: { ...list, description: 'Everything where nothing is asked for.' },
    },
    async (request, reply) => sendJson(reply, 200, { items: findInCatalog(request.query) }),
  )

  app.get(
    '/api/errors/:code',
    { config: { scope: 'anybody' }, schema: { ...one, description: 'With every cause of it in full.' } },
    async (request, reply) => sendJson(reply, 200, entryWithCauses(entryOf(request.params.code))),
  )

  app.get(
    '/errors',
    {
      config: { scope: 'anybody' },
      schema: { ...list, description: 'The same as a page for a browser; JSON for a program.' },
    },
    async (request, reply) => {
      const items = findInCatalog(request.query)
      return wantsHtml(request)
        ? sendHtml(reply, catalogPage(request.query, items))
        : sendJson(reply.header('vary', 'accept'), 200, { items })
    },
  )

  app.get(
    '/errors/:code',
    {
      config: { scope: 'anybody' },
      schema: {
        ...one,
        description:
          'The address that problem documents carry as `type`: a page for a browser, with an anchor for each cause; JSON for a program.',
      },
    },
    async (request, reply) => {
      const entry = entryOf(request.params.code)
      if (!wantsHtml(request)) return sendJson(reply.header('vary', 'accept'), 200, entryWithCauses(entry))
      const body = markdownHtml(entryMarkdown(entry, `/runbooks/${entry.runbook}`))
      return sendHtml(reply, page(`${entry.code}: ${entry.title}`, body))
    },
  )
}

const retry = z.object({ advice: z.enum(['never', 'safe', 'after-fix']), inMs: z.number().optional() })
const step = z.object({ text: z.string(), run: z.string().optional() })

const causeSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    because: z.string(),
    errors: z.array(z.enum(errorCodes)),
    retry,
    outcome: z.enum(['not-applied', 'applied', 'unknown']),
    status: z.number().int().optional(),
    foreignCodes: z.array(z.object({ of: z.string(), codes: z.array(z.string()) })),
    fix: z
      .object({ id: z.string(), applicability: z.enum(['safe', 'needs-consent']), does: z.string() })
      .optional(),
    steps: z.array(step),
    source: z.string(),
  })
  .meta({ id: 'ErrorCause' })

const entrySchema = z
  .object({
    code: z.enum(errorCodes),
    className: z.string(),
    title: z.string(),
    description: z.string(),
    category: z.string(),
    severity: z.string(),
    since: z.string(),
    status: z.number().int(),
    retry,
    happened: z.string(),
    outcomes: z.object({ 'not-applied': z.string(), applied: z.string(), unknown: z.string() }),
    fixable: z.boolean(),
    runbook: z.string(),
    troubleshooting: z.array(step),
    prevention: z.array(z.string()),
    healsByItself: z.string().optional(),
    adminMayForce: z.string().optional(),
    example: z.string(),
    relatedDocs: z.array(z.object({ title: z.string(), url: z.string() })),
    causes: z.array(causeSchema),
  })
  .meta({ id: 'ErrorEntry' })

function entryOf(given: string): ErrorEntry {
  const code = errorCodes.find((known) => known === given)
  if (code !== undefined) return catalog[code]
  const meant = nearest(given.toUpperCase().replaceAll('-', '_'), errorCodes)
  const advice = meant.length > 0 ? ` Did you mean ${meant.join(' or ')}?` : ''
  throw new HttpProblem(404, 'Not Found', `The catalog has no error ${given}.${advice}`)
}
