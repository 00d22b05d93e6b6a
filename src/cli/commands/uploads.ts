import type { OpenUpload } from '../../registry/engine.js'
import type { CliGroup } from '../command.js'
import { confirmed } from '../confirmed.js'
import { duration } from '../options.js'
import type { Session } from '../session.js'
import { type Column, table } from '../table.js'
import { count, shown, size, time } from '../text.js'
import { UsageError } from '../usage-error.js'

interface Ended extends OpenUpload {
  readonly became: 'ended' | 'gone' | 'in-use'
}

const COLUMNS: readonly Column<OpenUpload>[] = [
  {
    head: 'VERSION',
    cell: ({ modelId, version }) => (modelId === undefined ? '' : `${modelId}@${version}`),
    atLeast: 12,
  },
  { head: 'SIZE', cell: ({ bytes }) => size(bytes), align: 'right' },
  { head: 'LAST BYTES', cell: ({ touchedAt }) => time(touchedAt) },
]

export const uploads: CliGroup = {
  subcommands: {
    list: {
      summary: 'list uploads that have begun and did not become files',
      examples: [{ what: 'See what is open', run: 'modelry uploads list' }],
      configure() {},
      async run(session) {
        const items = await openUploads(session)
        return {
          json: { items },
          text: (paint, { width }) =>
            items.length === 0
              ? `${paint.good('Nothing is open')}: every upload became a file, or was taken back.`
              : [
                  table(
                    [
                      ...COLUMNS,
                      { head: 'STATE', cell: ({ underway }) => (underway ? 'under way' : 'broken off') },
                      { head: 'UPLOAD', cell: ({ at }) => shown(at), atLeast: 16 },
                    ],
                    items,
                    width,
                  ),
                  '',
                  'In S3, the save of the same version from the same file goes on with what broke off.',
                  `${paint.command(session.next('uploads abort --older-than 1d'))} ends what nobody goes on with.`,
                ].join('\n'),
        }
      },
    },
    abort: {
      summary: 'end an upload, so that the store frees what has arrived of it',
      examples: [
        { what: 'End what got no bytes for a day', run: 'modelry uploads abort --older-than 1d --yes' },
      ],
      configure(command) {
        command
          .argument(
            '[upload]',
            'the upload or its address, as modelry uploads list names it; the address of a folder means every upload below it',
          )
          .option('--older-than <time>', 'those that got no bytes for so long, such as 12h or 1d', duration)
          .option('-y, --yes', 'do not ask; needed where nobody can answer')
      },
      async run(session, [given], options) {
        const olderThanMs = options.number('olderThan')
        if ((given === undefined) === (olderThanMs === undefined))
          throw new UsageError(
            'Name the upload that modelry uploads list shows, or give --older-than 1d for all that are older.',
          )
        const before = Date.now() - (olderThanMs ?? 0)
        const open = await openUploads(session)
        const chosen = open.filter((upload) =>
          given === undefined ? Date.parse(upload.touchedAt) <= before : isNamed(upload, given),
        )
        const asks = chosen.length > 0 && !options.is('yes')
        if (asks && !session.terminal.stdin.isTTY)
          throw new UsageError(
            `What has arrived of ${count(chosen.length, 'upload')} would be lost. Add --yes to end ${chosen.length === 1 ? 'it' : 'them'}.`,
          )
        if (asks && !(await confirmed(session, `End ${count(chosen.length, 'upload')} and free the bytes?`)))
          return { json: { items: [] }, text: () => 'Nothing was ended.' }
        const items = await endAll(session, chosen)
        const nothingNamed = given !== undefined && chosen.length === 0
        return {
          exitCode: items.some(({ became }) => became === 'in-use') || nothingNamed ? 1 : 0,
          json: { items },
          text: (paint, { width }) =>
            items.length === 0
              ? nothingFound(given, open.length, session)
              : table(
                  [
                    ...COLUMNS,
                    {
                      head: 'BECAME',
                      cell: ({ became }) => (became === 'ended' ? paint.good(became) : became),
                    },
                    { head: 'UPLOAD', cell: ({ at }) => shown(at), atLeast: 16 },
                  ] satisfies Column<Ended>[],
                  items,
                  width,
                ),
        }
      },
    },
  },
}

/** By its name in the store, by its address, or by the address of a folder above it. */
function isNamed({ at, address = '' }: OpenUpload, given: string): boolean {
  return at === given || address === given || address.startsWith(`${given.replace(/\/+$/, '')}/`)
}

function nothingFound(given: string | undefined, open: number, session: Session): string {
  const list = session.next('uploads list')
  if (given !== undefined)
    return `Nothing was ended: no upload is open at ${shown(given)}. ${list} names those that are.`
  return open === 0
    ? 'Nothing was ended: no upload is open.'
    : `Nothing was ended: each open upload got bytes more recently. ${list} says when.`
}

async function openUploads(session: Session): Promise<OpenUpload[]> {
  const engine = await session.engine('uploads')
  const items: OpenUpload[] = []
  for await (const upload of engine.uploads()) {
    session.signal.throwIfAborted()
    items.push(upload)
  }
  return items
}

async function endAll(session: Session, chosen: readonly OpenUpload[]): Promise<Ended[]> {
  const engine = await session.engine('uploads')
  const items: Ended[] = []
  for (const upload of chosen) {
    session.signal.throwIfAborted()
    items.push({ ...upload, became: await engine.endUpload(upload) })
  }
  return items
}
