import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { catalog } from '../../errors/catalog.js'
import { page, sendHtml, wantsHtml } from '../html.js'
import { markdownHtml } from '../markdown.js'
import { HttpProblem } from '../problem.js'
import type { App } from '../route.js'

const names = new Set(Object.values(catalog).map(({ runbook }) => runbook))
const read = new Map<string, Promise<string>>()

/** The runbooks of the package, which errors name. */
export function runbookRoutes(app: App): void {
  app.get(
    '/runbooks/:name',
    {
      config: { scope: 'anybody' },
      schema: {
        summary: 'The runbook of an error',
        description: 'As a page for a browser, as Markdown for a program.',
        tags: ['errors'],
        params: z.object({ name: z.string() }),
        response: {
          200: { description: 'The runbook.', content: { 'text/markdown': { schema: z.string() } } },
        },
      },
    },
    async (request, reply) => {
      const { name } = request.params
      if (!names.has(name)) throw new HttpProblem(404, 'Not Found', `There is no runbook ${name}.`)
      const markdown = await runbook(name)
      if (!wantsHtml(request))
        return reply.header('content-type', 'text/markdown; charset=utf-8').send(markdown)
      return sendHtml(reply, page(`Runbook: ${name}`, markdownHtml(markdown)))
    },
  )
}

function runbook(name: string): Promise<string> {
  const known =
    read.get(name) ?? readFile(new URL(`../../../docs/runbooks/${name}.md`, import.meta.url), 'utf8')
  read.set(name, known)
  return known
}
