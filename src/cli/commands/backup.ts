import type { CliCommand } from '../command.js'
import { configureExport, runExport } from '../transfer.js'

/** The same as an export; `modelry restore` brings it back. */
export const backup: CliCommand = {
  examples: [
    { what: 'Back everything up into a folder', run: 'modelry backup ./backup' },
    { what: 'Look at what an earlier one has copied, too', run: 'modelry backup ./backup --recheck' },
  ],
  configure: configureExport,
  run: (session, [to = ''], options) => runExport(session, 'backup', to, options),
}
