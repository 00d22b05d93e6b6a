import type { VersionDiff } from '../../registry/registry.js'
import type { CliCommand } from '../command.js'
import { splitRef } from '../options.js'
import type { Paint } from '../paint.js'
import { table } from '../table.js'
import { size } from '../text.js'
import { UsageError } from '../usage-error.js'

export const diff: CliCommand = {
  examples: [{ what: 'Compare two versions', run: 'modelry diff btc-lstm@1.0.0 btc-lstm@1.1.0' }],
  configure(command) {
    command
      .argument('<model@from>', 'the one version; an alias or latest will do')
      .argument('<model@to>', 'the other; @<version> alone means the same model')
  },
  async run(session, [fromText = '', toText = '']) {
    const from = splitRef(fromText)
    const to = splitRef(toText)
    if (from.version === undefined || to.version === undefined)
      throw new UsageError(`Name both versions: modelry diff ${from.id}@<version> ${from.id}@<version>.`)
    if (to.id !== '' && to.id !== from.id)
      throw new UsageError(
        `Two versions of one model are compared, and ${from.id} and ${to.id} are two models.`,
      )
    const registry = await session.registry()
    const found = await registry.diffVersions(from.id, from.version, to.version)
    return { json: found, text: (paint, { width }) => diffText(found, paint, width) }
  },
}

function diffText(found: VersionDiff, paint: Paint, width: number | undefined): string {
  const { modelId, from, to, metadata, files, identicalContent } = found
  const lines = [
    `${paint.strong(modelId)}  ${from} → ${to}: ${identicalContent ? 'the same files' : 'other files'}`,
  ]
  if (metadata.length > 0)
    lines.push(
      '',
      table(
        [
          { head: 'FIELD', cell: ({ path }) => path, atLeast: 12 },
          { head: from.toUpperCase(), cell: (field) => value(field.from), atLeast: 12 },
          { head: to.toUpperCase(), cell: (field) => value(field.to), atLeast: 12 },
        ],
        metadata,
        width,
      ),
    )
  if (files.length > 0)
    lines.push(
      '',
      table(
        [
          { head: 'FILE', cell: ({ path }) => path, atLeast: 12 },
          { head: 'CHANGE', cell: ({ change }) => change },
          { head: 'SIZE', cell: (file) => sizes(file), align: 'right' },
          { head: 'SHA256', cell: (file) => digests(file) },
        ],
        files,
        width,
      ),
    )
  if (metadata.length === 0 && files.length === 0) lines.push('', 'They do not differ.')
  return lines.join('\n')
}

type FileChange = VersionDiff['files'][number]

const sizes = ({ from, to }: FileChange) =>
  [from, to].flatMap((side) => (side === undefined ? [] : [size(side.size)])).join(' → ')
const digests = ({ from, to }: FileChange) =>
  [from, to].flatMap((side) => (side === undefined ? [] : [side.sha256.slice(0, 8)])).join(' → ')

function value(found: unknown): string {
  if (found === undefined) return '-'
  return typeof found === 'string' ? found : JSON.stringify(found)
}
