import type { CliCommand } from '../command.js'
import { recordBefore, refuseAlias } from '../found.js'
import { exactRef } from '../options.js'
import { refOf } from '../record-text.js'

export const archive: CliCommand = {
  examples: [{ what: 'Take a version out of use', run: 'modelry archive btc-lstm@0.9.0' }],
  configure(command) {
    command.argument('<model@version>', 'the version; it must not be active anywhere')
  },
  async run(session, [ref = '']) {
    const { id, version } = exactRef(ref, 'archive')
    await refuseAlias(session, id, version, 'archive')
    const registry = await session.registry()
    const before = await recordBefore(registry, id, version)
    const record = await registry.archiveModel(id, version)
    return {
      json: record,
      text: (paint) => {
        const name = paint.strong(refOf(record))
        const back = `${paint.command(session.next(`restore ${refOf(record)}`))} brings it back.`
        return before?.archivedAt === undefined
          ? `${paint.good('Archived')} ${name}. ${back}`
          : `Nothing changed: ${name} was archived before. ${back}`
      },
    }
  },
}
