import type { HeldByOther, SyncItem } from '../../registry/engine.js'
import type { CliCommand } from '../command.js'
import type { Paint } from '../paint.js'
import { errorJson } from '../print-error.js'
import { type Column, table } from '../table.js'
import { count, shown, size } from '../text.js'

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
    // What failed is told, whether or not the database answers the second question.
    const elsewhere = await engine.heldByOthers().catch((error: unknown) => {
      if (failed === undefined) throw error
      return []
    })
    const folder = config.fallback?.folder
    // Without a spool of its own, this registry can neither carry over what others keep nor know that all is well.
    const complete = (dryRun || left.length === 0) && (folder !== undefined || elsewhere.length === 0)
    return {
      exitCode: complete ? 0 : 1,
      json: {
        items: items.map(({ error, ...item }) =>
          error === undefined ? item : { ...item, error: errorJson(error, session.options) },
        ),
        elsewhere,
      },
      text: (paint, { width }) =>
        [
          items.length > 0
            ? [headline(items, left, dryRun, paint), '', table(COLUMNS, items, width)].join('\n')
            : nothingHere(folder, elsewhere, paint),
          ...(elsewhere.length === 0 ? [] : [heldElsewhere(elsewhere, folder)]),
        ].join('\n\n'),
      ...(failed === undefined ? {} : { failure: failed.error }),
    }
  },
}

const COLUMNS: readonly Column<SyncItem>[] = [
  { head: 'VERSION', cell: ({ modelId, version }) => `${modelId}@${version}`, atLeast: 12 },
  { head: 'FILE', cell: ({ file }) => file, atLeast: 8 },
  { head: 'SIZE', cell: ({ bytes }) => size(bytes), align: 'right' },
  { head: 'STATE', cell: ({ state }) => state },
  { head: 'ADDRESS', cell: ({ address }) => address, atLeast: 16 },
]

function headline(
  items: readonly SyncItem[],
  left: readonly SyncItem[],
  dryRun: boolean,
  paint: Paint,
): string {
  if (dryRun) return `${count(items.length, 'file')} would be carried over to the store.`
  return left.length === 0
    ? `${paint.good('Carried over')} ${count(items.length, 'file')}, each compared with its sha256.`
    : `${count(items.length - left.length, 'file')} carried over; ${count(left.length, 'file')} ${left.length === 1 ? 'stays' : 'stay'} on this machine and can be read here.`
}

function nothingHere(folder: string | undefined, elsewhere: readonly HeldByOther[], paint: Paint): string {
  if (folder !== undefined)
    return `${paint.good('Nothing is pending')}: every file that ${folder} kept is in the store.`
  return elsewhere.length === 0
    ? `${paint.good('Nothing is pending')}: every file of this registry went to its store.`
    : `${paint.bad('Nothing was carried over')}: files are pending, and this registry has no fallback.folder to carry over from.`
}

function heldElsewhere(elsewhere: readonly HeldByOther[], folder: string | undefined): string {
  return [
    folder === undefined
      ? 'They are kept by'
      : `Not in ${shown(folder)}, but pending as well, is what is kept by`,
    ...elsewhere.map(
      ({ holder, files, bytes }) => `  ${shown(holder)}  ${count(files, 'file')}, ${size(bytes)}`,
    ),
    '',
    'Each name is that of a spool and begins with that of its machine. There, set fallback.folder of the configuration, or',
    'MODELRY_FALLBACK_FOLDER, to the folder that it is in, and run modelry sync.',
  ].join('\n')
}
