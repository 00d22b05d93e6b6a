import { Option } from 'commander'
import type { ModelRecord } from '../../domain/model-record.js'
import type { GetOptions } from '../../registry/registry.js'
import type { CliCommand } from '../command.js'
import { found } from '../found.js'
import { readRef } from '../options.js'
import type { Paint } from '../paint.js'
import { withProgress } from '../progress.js'
import { approvedFor, metricsOf, refOf, shape, statusOf, tagsOf } from '../record-text.js'
import { fields, table } from '../table.js'
import { shown, size, time, wrapped } from '../text.js'

const checks = ['exists', 'content', 'none'] as const

export const get: CliCommand = {
  examples: [
    { what: 'Show a version', run: 'modelry get btc-lstm@1.0.0' },
    { what: 'Show the one that an alias names', run: 'modelry get btc-lstm@champion' },
    { what: 'Show the highest stable one', run: 'modelry get btc-lstm' },
  ],
  configure(command) {
    command
      .argument('<model[@version]>', 'a version, an alias or latest behind the @; latest when absent')
      .addOption(
        new Option(
          '--verify <how>',
          'look whether the files exist (default), read their content, or neither',
        ).choices(checks),
      )
  },
  async run(session, [ref = ''], options) {
    const { id, version } = readRef(ref)
    const verify: GetOptions['verify'] = checks.find((check) => check === options.text('verify'))
    const registry = await session.registry()
    const { signal } = session
    const record = await withProgress(session, 'Verifying', (onProgress) =>
      found(registry, id, version, { verify, signal, onProgress }),
    )
    return { json: record, text: (paint, { width }) => recordText(record, paint, width) }
  },
}

/** Everything that is known of a version. */
export function recordText(record: ModelRecord, paint: Paint, width: number | undefined): string {
  const description =
    record.description === undefined ? [] : [wrapped(shown(record.description), width ?? 80, '  ')]
  const { lineage, hyperparameters } = record
  return [
    `${paint.strong(refOf(record))}  ${statusOf(record)}`,
    ...description,
    '',
    fields(
      [
        ['type', record.modelType],
        ['input', shape(record.inputShape)],
        ['output', shape(record.outputShape)],
        ['metrics', metricsOf(record)],
        ['aliases', record.aliases.join(', ')],
        ['tags', tagsOf(record)],
        ['framework', record.framework],
        ['hyperparameters', hyperparameters && JSON.stringify(hyperparameters)],
        ['trained', record.trainedAt && time(record.trainedAt)],
        ['data set', lineage?.dataset],
        ['parent', lineage?.parentVersion],
        ['run', lineage?.run],
        ['git commit', lineage?.gitCommit],
        ['saved', `${time(record.createdAt)} by ${record.createdBy}, number ${record.number}`],
        ['approved', approvedFor(record)],
        ['archived', record.archivedAt && time(record.archivedAt)],
        ['address', record.s3Path],
        ['pending on', [...new Set(record.files.flatMap(({ heldBy }) => heldBy ?? []))].join(', ')],
      ],
      '  ',
    ),
    '',
    table(
      [
        { head: 'FILE', cell: ({ path }) => path, atLeast: 16 },
        { head: 'SIZE', cell: (file) => size(file.size), align: 'right' },
        { head: 'SHA256', cell: ({ sha256 }) => sha256, atLeast: 12 },
      ],
      record.files,
      width,
    ),
  ].join('\n')
}
