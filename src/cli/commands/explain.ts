import { nearest } from '../../domain/nearest.js'
import { catalog } from '../../errors/catalog.js'
import type { ErrorContext, Step } from '../../errors/cause.js'
import { type ErrorEntry, errorCodes } from '../../errors/entry.js'
import type { CliCommand } from '../command.js'
import type { Paint } from '../paint.js'
import { wrapped } from '../text.js'
import { UsageError } from '../usage-error.js'

/** Stands in for the values of a failure that has not happened. */
const placeholders: ErrorContext = {
  operation: '<operation>',
  modelId: '<model>',
  version: '<version>',
  environment: '<environment>',
  alias: '<alias>',
  s3Path: 's3://<bucket>/<key>',
  bucket: '<bucket>',
  key: '<key>',
  localPath: '<path>',
  file: '<file>',
  holder: '<holder>',
  nextVersion: '<next version>',
  retryInMs: 30_000,
  expected: '<expected>',
  actual: '<actual>',
}

export const explain: CliCommand = {
  examples: [
    { what: 'Explain a code', run: 'modelry explain DUPLICATE_MODEL' },
    { what: 'List all codes', run: 'modelry explain' },
  ],
  configure(command) {
    command.argument('[code]', 'an error code; all codes are listed when absent')
  },
  async run(_session, [code]) {
    if (code === undefined)
      return {
        json: { items: Object.values(catalog).map(summaryOf) },
        text: () =>
          Object.values(catalog)
            .map(({ code, title }) => `${code.padEnd(24)}  ${title}`)
            .join('\n'),
      }
    const entry = entryOf(code)
    return {
      json: {
        ...summaryOf(entry),
        description: entry.description,
        runbook: runbookOf(entry),
        troubleshooting: entry.troubleshooting,
        prevention: entry.prevention,
        healsByItself: entry.healsByItself,
        adminMayForce: entry.adminMayForce,
        relatedDocs: entry.relatedDocs,
        causes: entry.causes.map((cause) => ({
          id: cause.id,
          title: cause.title,
          retry: cause.retry,
          steps: cause.steps(placeholders),
          source: cause.source,
        })),
      },
      text: (paint, { width }) => entryText(entry, paint, width ?? 80),
    }
  },
}

function entryOf(text: string): ErrorEntry {
  const wanted = text.toUpperCase().replaceAll('-', '_')
  const code = errorCodes.find((known) => known === wanted)
  if (code !== undefined) return catalog[code]
  const meant = nearest(wanted, errorCodes)
  throw new UsageError(
    `There is no error code ${text}. ${meant.length > 0 ? `Did you mean ${meant.join(' or ')}?` : 'modelry explain lists the codes.'}`,
  )
}

function summaryOf({ code, className, title, category, severity }: ErrorEntry) {
  return { code, className, title, category, severity }
}

function runbookOf({ runbook }: ErrorEntry): string {
  return `docs/runbooks/${runbook}.md`
}

function entryText(entry: ErrorEntry, paint: Paint, width: number): string {
  const prose = (text: string) => wrapped(text, width, '  ')
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', paint.strong(title), ...lines]
  return [
    `${paint.strong(entry.code)}  ${entry.title}`,
    paint.quiet(`${entry.className}, category ${entry.category}, severity ${entry.severity}`),
    '',
    wrapped(entry.description, width),
    ...section('What to do before the cause is known', stepLines(entry.troubleshooting, paint, width)),
    ...section(
      'Causes, most likely first',
      entry.causes.flatMap((cause) => [
        `  ${paint.strong(cause.id)}  ${cause.title}. Retry: ${cause.retry}.`,
        ...stepLines(cause.steps(placeholders), paint, width),
      ]),
    ),
    ...section('By itself', entry.healsByItself === undefined ? [] : [prose(entry.healsByItself)]),
    ...section(
      'An administrator may force it',
      entry.adminMayForce === undefined ? [] : [prose(entry.adminMayForce)],
    ),
    ...section('How to keep it from happening', entry.prevention.map(prose)),
    ...section('Read more', [
      `  ${runbookOf(entry)}`,
      ...entry.relatedDocs.map(({ title, url }) => `  ${title}: ${url}`),
    ]),
  ].join('\n')
}

function stepLines(steps: readonly Step[], paint: Paint, width: number): string[] {
  return steps.flatMap(({ text, run }) => [
    wrapped(text, width, '    - ', '      '),
    ...(run === undefined ? [] : [`      $ ${paint.command(run)}`]),
  ])
}
