import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { AddressRule } from '../registry/address-map.js'
import type { Engine } from '../registry/engine.js'
import type { ExportPlace } from '../registry/export-place.js'
import type { ExportReport } from '../registry/export-registry.js'
import type { ImportReport } from '../registry/import-registry.js'
import type { Answer } from './command.js'
import { each, type Options } from './options.js'
import type { Paint } from './paint.js'
import { withProgress } from './progress.js'
import type { Session } from './session.js'
import { table } from './table.js'
import { count, shown, size } from './text.js'

export const PLACE = 'a folder, or s3://bucket/folder?region=...'

export function configureExport(command: Command): void {
  command
    .argument('<to>', PLACE)
    .option('--without-tokens', 'leave the access tokens out; they are written by their hashes otherwise')
    .option('--recheck', 'read files that are there from an earlier one, too, and replace damaged ones')
}

export function configureImport(command: Command): void {
  command
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--export <id>', 'which one of the place; the newest that is whole when absent')
    .option(
      '--map <from=to>',
      's3://bucket or s3://bucket/folder whose files go below another one; several times for several',
      eachRule,
    )
    .option('--without-tokens', 'leave the access tokens out')
}

/** `modelry export` and `modelry backup`. */
export async function runExport(
  session: Session,
  name: string,
  to: string,
  options: Options,
): Promise<Answer> {
  const report = await withPlace(session, name, to, 'write', (engine, place) =>
    withProgress(session, 'Copying', (onProgress) =>
      engine.exportTo(place, {
        signal: session.signal,
        onProgress,
        withoutTokens: options.is('withoutTokens'),
        recheck: options.is('recheck'),
      }),
    ),
  )
  return { json: report, text: (paint) => exportText(report, paint) }
}

/** `modelry import`, and `modelry restore` of a place. */
export async function runImport(
  session: Session,
  name: string,
  from: string,
  options: Options,
): Promise<Answer> {
  const id = options.text('export')
  const report = await withPlace(session, name, from, 'read', (engine, place) =>
    withProgress(session, 'Copying', (onProgress) =>
      engine.importFrom(place, {
        signal: session.signal,
        onProgress,
        dryRun: options.is('dryRun'),
        map: options.list('map').map(ruleOf),
        withoutTokens: options.is('withoutTokens'),
        ...(id === undefined ? {} : { export: id }),
      }),
    ),
  )
  return {
    json: report,
    exitCode: report.clashes.length > 0 ? 1 : 0,
    text: (paint, { width }) => importText(report, paint, width),
  }
}

async function withPlace<T>(
  session: Session,
  name: string,
  text: string,
  to: 'read' | 'write',
  work: (engine: Engine, place: ExportPlace) => Promise<T>,
): Promise<T> {
  const engine = await session.engine(name)
  const { config } = await session.config()
  const { openExportPlace } = await import('../compose.js')
  const place = await openExportPlace(config, text, { cwd: session.terminal.cwd, to })
  try {
    return await work(engine, place)
  } finally {
    await place.store.close()
  }
}

function exportText({ counts, copied, reused, place, id }: ExportReport, paint: Paint): string {
  return [
    `${paint.good('Exported')} ${paint.strong(count(counts.versions, 'version'))} of ${count(counts.models, 'model')} to ${shown(place)}, with ${count(counts.deployments, 'deployment')}, ${count(counts.history, 'entry', 'entries')} of the history and ${count(counts.tokens, 'access token')} by hash.`,
    `${count(copied.files, 'file')} copied (${size(copied.bytes)}), each checked against its sha256; ${reused} of ${count(counts.files, 'file')} there already.`,
    `It is the export ${paint.strong(id)}. Where another registry is configured, this says what it would bring there:`,
    '',
    `  modelry import ${quotedPlace(place)} --dry-run`,
  ].join('\n')
}

function importText(report: ImportReport, paint: Paint, width: number | undefined): string {
  const { names, copied, there, tokens, mapped, clashes, counts, dryRun, place } = report
  const lines = dryRun
    ? [
        `${paint.strong('Dry run')}: nothing was changed. ${count(names.imported, 'name')} would be imported from ${shown(place)}, ${names.present} ${names.present === 1 ? 'is' : 'are'} there already; the whole export has ${count(counts.versions, 'version')} and ${size(counts.bytes)}.`,
      ]
    : [
        `${paint.good('Imported')} ${paint.strong(count(names.imported, 'name'))} from ${shown(place)}; ${names.present} ${names.present === 1 ? 'was' : 'were'} there already.`,
        `${count(copied.files, 'file')} copied (${size(copied.bytes)}) and ${there} found in the store, each with the sha256 that was recorded; ${count(tokens.added, 'access token')} added.`,
      ]
  if (names.renumbered > 0)
    lines.push(
      `${count(names.renumbered, 'name')} got new ids, since the registry had used those of the export.`,
    )
  if (tokens.kept.length > 0)
    lines.push(`Tokens of these names were there and stay as they are: ${tokens.kept.map(shown).join(', ')}.`)
  for (const { from, to, files } of mapped)
    lines.push(`${count(files, 'file')} of ${from} ${dryRun ? 'would go' : 'went'} below ${to}.`)
  if (clashes.length > 0)
    lines.push(
      `${count(clashes.length, 'model')} of the export ${clashes.length === 1 ? 'is' : 'are'} there with other content, so that the import would be refused:`,
      '',
      table(
        [
          {
            head: 'MODEL',
            cell: ({ modelId, version }) => (version === undefined ? modelId : `${modelId}@${version}`),
            atLeast: 12,
          },
          { head: 'HERE', cell: ({ existing }) => existing ?? 'its history' },
          { head: 'IN THE EXPORT', cell: ({ offered }) => offered ?? '' },
        ],
        clashes,
        width,
      ),
    )
  return lines.join('\n')
}

function quotedPlace(place: string): string {
  return /^[\w./:@=-]+$/.test(place) ? place : `'${place.replaceAll("'", "'\\''")}'`
}

const RULE = /^(s3:\/\/[^=]+)=(s3:\/\/[^=]+)$/

function eachRule(value: string, before: readonly string[] | undefined): readonly string[] {
  if (!RULE.test(value))
    throw new InvalidArgumentError('It has the form s3://old-bucket=s3://new-bucket/folder.')
  return each(value, before)
}

function ruleOf(text: string): AddressRule {
  const [, from = '', to = ''] = RULE.exec(text) ?? []
  return { from, to }
}
