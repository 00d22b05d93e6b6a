import { type Config, type Origin, SPOOL_BYTES, shownDb, shownStore } from '../../config.js'
import { redact } from '../../errors/redact.js'
import type { CliCommand } from '../command.js'
import { table } from '../table.js'

export const config: CliCommand = {
  examples: [
    { what: 'Show what is in force', run: 'modelry config' },
    { what: 'Show what an option would change', run: 'modelry config --store file:./elsewhere' },
  ],
  configure() {},
  async run(session) {
    const { config: found, origins } = await session.config()
    const rows = valuesOf(found, (setting) => (origins[setting]?.is ?? 'default') === 'default').map(
      ([setting, value]) => ({
        setting,
        value,
        from: sourceOf(origins[setting] ?? { is: 'default' }),
      }),
    )
    return {
      json: Object.fromEntries(rows.map(({ setting, value, from }) => [setting, { value, from }])),
      text: (_paint, { width }) =>
        table(
          [
            { head: 'SETTING', cell: ({ setting }) => setting },
            { head: 'VALUE', cell: ({ value }) => text(value), atLeast: 20 },
            { head: 'FROM', cell: ({ from }) => from, atLeast: 12 },
          ],
          rows,
          width,
        ),
    }
  },
}

function valuesOf(
  config: Config,
  isDefault: (setting: string) => boolean,
): [setting: string, value: unknown][] {
  const { server, remote } = config
  return [
    ['home', config.home],
    ['store', shownStore(config.store)],
    ['db', shownDb(config.db)],
    ['migrations', config.migrations],
    ['environments', config.environments],
    ['actor', config.actor],
    ['bucket', config.bucket],
    ...Object.entries(config.breaker).map(([name, value]): [string, unknown] => [`breaker.${name}`, value]),
    ['fallback.folder', config.fallback?.folder ?? null],
    ['fallback.maxBytes', config.fallback?.maxBytes ?? (isDefault('fallback.maxBytes') ? SPOOL_BYTES : null)],
    ['saveLeaseMs', config.saveLeaseMs],
    ['lockLeaseMs', config.lockLeaseMs],
    ...Object.entries(server).map(([name, value]): [string, unknown] => [`server.${name}`, value]),
    ['remote.url', remote === undefined ? null : redact(remote.url)],
    ['remote.token', remote?.token === undefined ? null : '***'],
    ['remote.transfer', remote?.transfer ?? 'direct'],
  ]
}

function text(value: unknown): string {
  if (value === null) return '-'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function sourceOf(origin: Origin): string {
  switch (origin.is) {
    case 'flag':
    case 'environment':
      return origin.name
    case 'file':
      return origin.path
    case 'program':
      return 'the program'
    case 'default':
      return 'default'
  }
}
