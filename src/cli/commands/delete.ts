import type { CliCommand } from '../command.js'
import { confirmed } from '../confirmed.js'
import { refuseAlias } from '../found.js'
import { exactRef } from '../options.js'
import { UsageError } from '../usage-error.js'

export const deleteCommand: CliCommand = {
  examples: [{ what: 'Remove a version without being asked', run: 'modelry delete btc-lstm@0.9.0 --yes' }],
  configure(command) {
    command
      .argument('<model@version>', 'the version; it must not be active anywhere')
      .option('-y, --yes', 'do not ask; needed where nobody can answer')
  },
  async run(session, [ref = ''], options) {
    const { id, version } = exactRef(ref, 'delete')
    await refuseAlias(session, id, version, 'delete')
    const name = `${id}@${version}`
    const asks = !options.is('yes')
    if (asks && !session.terminal.stdin.isTTY)
      throw new UsageError(`Deleting cannot be undone. Add --yes to delete ${name}.`)
    if (asks && !(await confirmed(session, `Delete ${name} and its files for good?`)))
      return { json: { modelId: id, version, deleted: false }, text: () => 'Nothing was deleted.' }
    await (await session.registry()).deleteModel(id, version)
    return {
      json: { modelId: id, version, deleted: true },
      text: (paint) =>
        `${paint.good('Deleted')} ${paint.strong(name)} and the files that were written for it.`,
    }
  },
}
