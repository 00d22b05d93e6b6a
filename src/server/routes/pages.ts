import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { catalog } from '../../errors/catalog.js'
import { type ErrorEntry, errorCodes } from '../../errors/entry.js'
import { baseUrl } from '../base-url.js'
import { page, text } from '../html.js'
import { HttpProblem } from '../problem.js'
import { type App, type RouteDeps, sendJson } from '../route.js'

export function pageRoutes(app: App, { settings }: RouteDeps): void {
  app.get('/', { config: { scope: 'anybody' }, schema: { hide: true } }, async (request, reply) =>
    sendHtml(reply, home(baseUrl(request, settings.publicUrl))),
  )

  app.get(
    '/errors',
    {
      config: { scope: 'anybody' },
      schema: {
        summary: 'The catalog of errors',
        description: 'As a page for a browser, as JSON for a program.',
        tags: ['errors'],
        response: { 200: z.object({ items: z.array(entrySchema) }) },
      },
    },
    async (request, reply) => {
      const entries = Object.values(catalog)
      return wantsHtml(request)
        ? sendHtml(reply, page('Errors', entryList(entries)))
        : sendJson(reply, 200, { items: entries.map(shown) })
    },
  )

  app.get(
    '/errors/:code',
    {
      config: { scope: 'anybody' },
      schema: {
        summary: 'What the catalog says of one error',
        description: 'The address that problem documents carry as `type`.',
        tags: ['errors'],
        params: z.object({ code: z.string() }),
        response: { 200: entrySchema },
      },
    },
    async (request, reply) => {
      const code = errorCodes.find((known) => known === request.params.code)
      if (code === undefined)
        throw new HttpProblem(404, 'Not Found', `The catalog has no error ${request.params.code}.`)
      const entry = catalog[code]
      return wantsHtml(request)
        ? sendHtml(reply, page(code, entryPage(entry)))
        : sendJson(reply, 200, shown(entry))
    },
  )
}

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
    runbook: z.string(),
    causes: z.array(
      z.object({ id: z.string(), title: z.string(), retry: z.enum(['never', 'safe', 'after-fix']) }),
    ),
  })
  .meta({ id: 'ErrorEntry' })

function shown(entry: ErrorEntry): z.input<typeof entrySchema> {
  const { code, className, title, description, category, severity, since, status, runbook } = entry
  const causes = entry.causes.map((cause) => ({ id: cause.id, title: cause.title, retry: cause.retry }))
  return { code, className, title, description, category, severity, since, status, runbook, causes }
}

/** A browser asks for HTML by name; everything else gets JSON. */
function wantsHtml({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') ?? false
}

function sendHtml(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
    .send(html)
}

function home(base: string): string {
  const command = `echo '{"weights":[1,2,3]}' | modelry save - --server ${base} --id first-model --version 1.0.0 --type neural --input-shape 3 --output-shape 1`
  return page(
    'modelry',
    `<p>A model registry: versions of machine learning models with their files, and which of them is active where.</p>
<p>Save a first model:</p>
<pre>${text(command)}</pre>
<p>Then list what is there:</p>
<pre>${text(`curl ${base}/api/models`)}</pre>
<ul>
<li><a href="/api/models">The models</a></li>
<li><a href="/openapi.json">The API, as an OpenAPI 3.1 document</a></li>
<li><a href="/errors">The errors and what to do about each</a></li>
<li><a href="/readyz">Whether the stores answer</a></li>
</ul>`,
  )
}

function entryList(entries: readonly ErrorEntry[]): string {
  const items = entries.map(
    ({ code, title }) => `<li><a href="/errors/${code}"><code>${code}</code></a> ${text(title)}</li>`,
  )
  return `<ul>${items.join('\n')}</ul>`
}

function entryPage({
  title,
  description,
  category,
  severity,
  status,
  className,
  runbook,
  causes,
}: ErrorEntry) {
  const items = causes.map((cause) => `<li><code>${text(cause.id)}</code> ${text(cause.title)}</li>`)
  return `<p><strong>${text(title)}.</strong> ${text(description)}</p>
<p>Category ${text(category)}, severity ${text(severity)}, HTTP status ${status}, class <code>${text(className)}</code>,
runbook <code>docs/runbooks/${text(runbook)}.md</code>.</p>
<h2>Causes</h2>
<ul>${items.join('\n')}</ul>
<p><a href="/errors">All errors</a></p>`
}
