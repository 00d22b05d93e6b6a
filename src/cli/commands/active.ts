import type { CliCommand } from '../command.js'
import { requireModel } from '../found.js'
import { recordText } from './get.js'

export const active: CliCommand = {
  examples: [{ what: 'Show what is active', run: 'modelry active btc-lstm --env production' }],
  configure(command) {
    command.argument('<model>', 'name of the model').requiredOption('--env <environment>', 'where to look')
  },
  async run(session, [id = ''], options) {
    const environment = options.required('env')
    const registry = await session.registry()
    const record = await registry.getActiveModel(id, environment)
    if (record === null) await requireModel(registry, id)
    return {
      json: record,
      text: (paint, { width }) =>
        record === null
          ? `No version of ${id} is active in ${environment}.`
          : recordText(record, paint, width),
    }
  },
}
