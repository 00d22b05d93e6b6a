import { catalog } from '../catalog.js'
import { errorCodes } from '../entry.js'
import { md } from './markdown.js'

/**
 * `llms.txt`: what an assistant needs to know where to look. The form is that of https://llmstxt.org: a title, a
 * summary, sections of links.
 *
 * @param to - where the files lie from the place at which it is read.
 */
export function llmsText(to: {
  readonly error: (code: string) => string
  readonly doc: (path: string) => string
}): string {
  const codes = errorCodes.map((known) => catalog[known])
  return `${[
    '# modelry',
    '',
    '> A model registry for TypeScript in which every failure has a code (what failed), a cause (why), an outcome (what',
    '> became of the data), steps and a runbook.',
    '',
    'Every error has `code`, `reason` (its cause), `outcome` (`not-applied`, `applied` or `unknown`), `retry` (`never`,',
    '`safe` or `after-fix`, with `inMs`), `steps` and `runbook`. Retry by `retry` alone. Commands that read:',
    '`modelry explain CODE`, `modelry explain CODE/cause`, `modelry errors QUERY`, each with `--json`.',
    '',
    '## Errors',
    '',
    ...codes.map((entry) => `- [${entry.code}](${to.error(entry.code)}): ${md(entry.description)}`),
    '',
    '## Runbooks',
    '',
    ...codes.map(
      (entry) => `- [${entry.runbook}](${to.doc(`docs/runbooks/${entry.runbook}.md`)}): ${md(entry.title)}`,
    ),
    '',
    '## As data',
    '',
    `- [catalog.json](${to.doc('docs/errors/catalog.json')}): every code and cause`,
    `- [catalog.schema.json](${to.doc('docs/errors/catalog.schema.json')}): its JSON Schema`,
    `- [openapi.json](${to.doc('docs/errors/openapi.json')}): the problem documents of the codes, as OpenAPI 3.1 schemas`,
    '',
    '## Manual',
    '',
    `- [README](${to.doc('README.md')}): what modelry is and how it is used`,
    `- [The command line](${to.doc('docs/cli.md')}): every command and option`,
    `- [Architecture](${to.doc('docs/ARCHITECTURE.md')}): how the code is laid out`,
  ].join('\n')}\n`
}
