import type { CliCommand } from '../command.js'
import { versionColumns } from '../record-text.js'
import { table } from '../table.js'

export const versions: CliCommand = {
  examples: [{ what: 'List the versions of a model', run: 'modelry versions btc-lstm' }],
  configure(command) {
    command.argument('<model>', 'name of the model')
  },
  async run(session, [id = '']) {
    const registry = await session.registry()
    const items = await registry.getModelVersions(id)
    // Every model has a version, so there is no such model: loadModel says which names are near.
    if (items.length === 0) await registry.loadModel(id, 'latest')
    return {
      json: { items },
      text: (_paint, { width }) => table(versionColumns('one model'), items, width),
    }
  },
}
