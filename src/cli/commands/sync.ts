import type { SyncItem } from '../../registry/engine.js'
import type { CliCommand } from '../command.js'
import { errorJson } from '../print-error.js'
import { table } from '../table.js'
import { count, size } from '../text.js'

export const sync: CliCommand = {
  examples: [
    { what: 'See what this machine keeps until the store is back', run: 'modelry sync --dry-run' },
    { what: 'Carry it over', run: 'modelry sync' },
  ],
  configure(command) {
    command.option('--dry-run', 'list what is pending, and change nothing')
  },
  async run(session, _args, options) {
    const dryRun = options.is('dryRun')
    const { config } = await session.config()
    const engine = await session.engine('sync')
    const items: SyncItem[] = []
    for await (const item of engine.sync({ dryRun, signal: session.signal })) items.push(item)
    const failed = items.find(({ state }) => state === 'failed')
    const left = items.filter(({ state }) => state !== 'synced')
    const nothing =
      config.fallback === undefined
        ? 'this registry has no fallback.folder, so that every file went to its store at once.'
        : `every file that ${config.fallback.folder} kept is in the store.`
    return {
      exitCode: dryRun || left.length === 0 ? 0 : 1,
      json: {
        items: items.map(({ error, ...item }) =>
          error === undefined ? item : { ...item, error: errorJson(error, session.options) },
        ),
      },
      text: (paint, { width }) =>
        items.length === 0
          ? `${paint.good('Nothing is pending')}: ${nothing}`
          : [
              dryRun
                ? `${count(items.length, 'file')} would be carried over to the store.`
                : left.length === 0
                  ? `${paint.good('Carried over')} ${count(items.length, 'file')}, each compared with its sha256.`
                  : `${count(items.length - left.length, 'file')} carried over; ${count(left.length, 'file')} ${left.length === 1 ? 'stays' : 'stay'} on this machine and can be read here.`,
              '',
              table(
                [
                  { head: 'VERSION', cell: ({ modelId, version }) => `${modelId}@${version}`, atLeast: 12 },
                  { head: 'FILE', cell: ({ file }) => file, atLeast: 8 },
                  { head: 'SIZE', cell: ({ bytes }) => size(bytes), align: 'right' },
                  { head: 'STATE', cell: ({ state }) => state },
                  { head: 'ADDRESS', cell: ({ address }) => address, atLeast: 16 },
                ],
                items,
                width,
              ),
            ].join('\n'),
      ...(failed === undefined ? {} : { failure: failed.error }),
    }
  },
}
