import type { CliCommand } from '../command.js'
import { configureExport, runExport } from '../transfer.js'

export const exportCommand: CliCommand = {
  examples: [
    { what: 'Write everything into a folder', run: 'modelry export ./moving' },
    { what: 'Go on where that was cut off, or add what is new', run: 'modelry export ./moving' },
  ],
  configure: configureExport,
  run: (session, [to = ''], options) => runExport(session, 'export', to, options),
}
