import type { CliCommand } from '../command.js'
import { recordBefore } from '../found.js'
import { exactRef } from '../options.js'
import { refOf } from '../record-text.js'

export const restore: CliCommand = {
  examples: [{ what: 'Bring an archived version back', run: 'modelry restore btc-lstm@0.8.0' }],
  configure(command) {
    command.argument('<model@version>', 'the archived version')
  },
  async run(session, [ref = '']) {
    const { id, version } = exactRef(ref, 'restore')
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
