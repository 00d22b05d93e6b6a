import { catalog } from '../catalog.js'
import { errorCodes } from '../entry.js'
import { catalogJson } from './catalog-json.js'
import { catalogSchema } from './catalog-schema.js'
import { entryMarkdown } from './entry-markdown.js'
import { indexMarkdown, MADE_BY } from './index-markdown.js'
import { llmsText } from './llms-text.js'
import { problemSchemas } from './openapi-schemas.js'

/** Every file that is made from the catalog, by its path from the root of the project. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const pages = errorCodes.map((code) => {
    const entry = catalog[code]
    const page = entryMarkdown(entry, `../runbooks/${entry.runbook}.md`)
    return [`docs/errors/${code}.md`, page.replace('\n\n', `\n\n${MADE_BY}\n\n`)] as const
  })
  return new Map([
    ...pages,
    ['docs/errors/README.md', indexMarkdown()],
    ['docs/errors/catalog.json', json(catalogJson())],
    ['docs/errors/catalog.schema.json', json(catalogSchema())],
    ['docs/errors/openapi.json', json({ components: { schemas: problemSchemas() } })],
    ['llms.txt', llmsText({ error: (code) => `docs/errors/${code}.md`, doc: (path) => path })],
  ])
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
