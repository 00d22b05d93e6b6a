import type { CliCommand } from '../command.js'
import { configureImport, PLACE, runImport } from '../transfer.js'

export const importCommand: CliCommand = {
  examples: [
    { what: 'See what it would do', run: 'modelry import ./moving --dry-run' },
    { what: 'Bring it into the registry of a folder', run: 'modelry import ./moving --home ./elsewhere' },
  ],
  configure(command) {
    command.argument('<from>', PLACE)
    configureImport(command)
  },
  run: (session, [from = ''], options) => runImport(session, 'import', from, options),
}
