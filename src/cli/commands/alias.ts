import type { CliGroup } from '../command.js'
import { exactRef, splitRef } from '../options.js'
import { refOf } from '../record-text.js'
import { UsageError } from '../usage-error.js'

export const alias: CliGroup = {
  subcommands: {
    set: {
      summary: 'give a version an alias, taking it from the version that had it',
      examples: [{ what: 'Call a version the champion', run: 'modelry alias set btc-lstm@1.1.0 champion' }],
      configure(command) {
        command.argument('<model@version>', 'the version').argument('<alias>', 'the name, such as champion')
      },
      async run(session, [ref = '', name = '']) {
        const { id, version } = exactRef(ref, 'alias set')
        const registry = await session.registry()
        const record = await registry.setAlias(id, name, version)
        return {
          json: record,
          text: (paint) =>
            `${paint.good('Set')} the alias ${name}: ${paint.strong(`${id}@${name}`)} is ${refOf(record)}.`,
        }
      },
    },
    rm: {
      summary: 'remove an alias; the version stays',
      examples: [{ what: 'Remove an alias', run: 'modelry alias rm btc-lstm champion' }],
      configure(command) {
        command.argument('<model>', 'name of the model').argument('<alias>', 'the alias to remove')
      },
      async run(session, [ref = '', name = '']) {
        const { id, version } = splitRef(ref)
        if (version !== undefined)
          throw new UsageError(`An alias belongs to the model: modelry alias rm ${id} ${name}.`)
        await (await session.registry()).removeAlias(id, name)
        return {
          json: { modelId: id, alias: name, removed: true },
          text: (paint) => `${paint.good('Removed')} the alias ${paint.strong(name)} of ${id}.`,
        }
      },
    },
  },
}
