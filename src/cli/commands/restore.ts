import type { CliCommand } from '../command.js'
import { recordBefore } from '../found.js'
import { exactRef } from '../options.js'
import { refOf } from '../record-text.js'
import { configureImport, runImport } from '../transfer.js'
import { UsageError } from '../usage-error.js'

/**
 * No name of a model has a colon in it or begins with a dot or a slash, and every place of a backup does one of them
 * where it is written so: `file:backup`, `s3://bucket`, `./backup`, `/var/backup`.
 */
const PLACE = /^(file:|s3:|\.|\/|~\/|[A-Za-z]:[\\/])/

/** The options that only a backup has. */
const OF_A_BACKUP = ['dryRun', 'export', 'map', 'withoutTokens'] as const

export const restore: CliCommand = {
  examples: [
    { what: 'Bring an archived version back', run: 'modelry restore btc-lstm@0.8.0' },
    {
      what: 'Bring a backup into the registry of a folder',
      run: 'modelry restore ./backup --home ./elsewhere',
    },
  ],
  configure(command) {
    command.argument(
      '<what>',
      'the archived version, as model@version; or where a backup is: ./folder, /folder, file:folder or s3://bucket/folder',
    )
    configureImport(command)
  },
  async run(session, [what = ''], options) {
    if (PLACE.test(what)) return runImport(session, 'restore', what, options)
    const other = OF_A_BACKUP.find((name) => options.is(name) || options.text(name) || options.list(name)[0])
    if (other !== undefined)
      throw new UsageError(
        `${what} is taken for a version, and --${other.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)} is for a backup. A folder is written as ./${what}.`,
      )
    if (!what.includes('@'))
      throw new UsageError(
        `Name the version that is meant: modelry restore ${what}@<version>. Or, for a backup in the folder ${what}: modelry restore ./${what}.`,
      )
    const { id, version } = exactRef(what, 'restore')
    const registry = await session.registry()
    const before = await recordBefore(registry, id, version)
    const record = await registry.restoreModel(id, version)
    return {
      json: record,
      text: (paint) =>
        before !== undefined && before.archivedAt === undefined
          ? `Nothing changed: ${paint.strong(refOf(record))} was not archived.`
          : `${paint.good('Restored')} ${paint.strong(refOf(record))}. It can be deployed again.`,
    }
  },
}
