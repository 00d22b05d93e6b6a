import { catalog, causesById } from '../catalog.js'
import { errorCodes } from '../entry.js'
import { codesOfCause } from './catalog-json.js'
import { code, md } from './markdown.js'

export const MADE_BY = '<!-- Made from src/errors; `npm run generate` makes it again. -->'

/** `docs/errors/README.md`: every code, and every cause with the pages that explain it. */
export function indexMarkdown(): string {
  return `${[
    '# The errors of modelry',
    '',
    MADE_BY,
    '',
    'A code says what failed, a cause says why. `modelry explain CODE`, `modelry explain CODE/cause` and `modelry errors',
    'QUERY` show the same in a terminal, `/errors` of a server in a browser, and',
    '[catalog.json](catalog.json) ([schema](catalog.schema.json)) to programs.',
    '',
    '| code | category | severity | what failed |',
    '| --- | --- | --- | --- |',
    ...errorCodes.map((known) => {
      const { category, severity, description } = catalog[known]
      return `| [${known}](${known}.md) | ${category} | ${severity} | ${md(description)} |`
    }),
    '',
    '## Causes',
    '',
    '| cause | | leads to |',
    '| --- | --- | --- |',
    ...[...causesById.values()].map((cause) => {
      const pages = codesOfCause(cause).map((known) => `[${known}](${known}.md#${cause.id})`)
      return `| ${code(cause.id)} | ${md(cause.title)} | ${pages.join(' ')} |`
    }),
  ].join('\n')}\n`
}
