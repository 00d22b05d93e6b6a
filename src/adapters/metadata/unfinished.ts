import { type RawBuilder, sql } from 'kysely'
import type { ModelId } from '../../domain/model-id.js'
import type { S3Address } from '../../domain/s3-address.js'
import type { Version } from '../../domain/version.js'
import type { MetadataStore, Unfinished } from '../../ports/metadata-store.js'
import type { SqlEngine } from './engine.js'
import { filesColumn, toFiles } from './keep-record.js'
import { leaseLeft } from './leases.js'
import type { Parameters, Prepared } from './prepared.js'
import type { JsonText, Schema } from './schema.js'

type Row = Pick<Schema['trained_models'], 'save_id' | 'model_id' | 'version' | 's3_path'> & {
  state: 'saving' | 'deleting'
  expires_in_ms: number
  files: JsonText
}

/** How many addresses one query asks for; a list is filled up to the next of these, so that few queries serve all. */
const BATCHES = [1, 8, 64, 500]

/** What a scan of the artifact store needs to know. */
export function unfinished(
  engine: SqlEngine,
): Pick<
  MetadataStore,
  'findDeletion' | 'isBeingDeleted' | 'listUnfinished' | 'heldElsewhere' | 'knownAddresses'
> {
  const { queries } = engine
  const { now } = queries.dialect
  const left = leaseLeft(now, {
    expiresAt: sql.ref('v.lease_expires_at'),
    leaseMs: sql.ref('v.lease_ms'),
  })
  const columns = sql`v.save_id, v.model_id, v.version, v.s3_path, v.state,
    ${left} as expires_in_ms, ${filesColumn(queries.dialect)} as files`

  const list = queries.prepare(
    () => sql<Row>`select ${columns} from trained_models v where v.state <> 'ready' order by v.state, v.id`,
  )
  const deletion = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId; version: Version }>) =>
      sql<Row>`select ${columns} from trained_models v
        where v.model_id = ${p.modelId} and v.version = ${p.version} and v.state = 'deleting'`,
  )
  const deleting = queries.prepare((db, p: Parameters<{ saveId: string }>) =>
    db
      .selectFrom('trained_models')
      .select('id')
      .where('save_id', '=', p.saveId)
      .where('state', '=', sql.lit('deleting')),
  )
  const places = queries.prepare((db) =>
    db
      .selectFrom('trained_models')
      .select(['s3_path', 'layout'])
      .where('state', '<>', sql.lit('ready'))
      .where('state', '=', sql.lit('saving')),
  )
  type Recorded = Prepared<Record<string, S3Address>, { address: S3Address }>
  const recordedAs = (written: 'by-anybody' | 'by-the-registry') =>
    new Map<number, Recorded>(
      BATCHES.map((size) => [
        size,
        queries.prepare((db, p: Parameters<Record<string, S3Address>>) => {
          const addresses = Array.from({ length: size }, (_, i) => p[`a${i}`] as RawBuilder<S3Address>)
          const query = db.selectFrom('files').select('address').distinct().where('address', 'in', addresses)
          return written === 'by-anybody' ? query : query.where('ownership', '=', sql.lit('registry'))
        }),
      ]),
    )
  const recorded = {
    'by-anybody': recordedAs('by-anybody'),
    'by-the-registry': recordedAs('by-the-registry'),
  }

  const held = queries.prepare(
    (_, p: Parameters<{ saveId: string; addresses: JsonText }>) =>
      sql<{ address: S3Address }>`
      select distinct f.address from files f join trained_models v on v.id = f.version_id
      where f.address in ${queries.dialect.textsOf(p.addresses)} and v.save_id <> ${p.saveId}`,
  )

  return {
    heldElsewhere: (saveId, addresses) =>
      engine.read('heldElsewhere', async (session) => {
        const rows = await session.all(held, { saveId, addresses: JSON.stringify(addresses) })
        return new Set(rows.map(({ address }) => address))
      }),

    findDeletion: (modelId, version) =>
      engine.read('findDeletion', async (session) => {
        const row = await session.first(deletion, { modelId, version })
        return row === undefined ? undefined : toUnfinished(row)
      }),

    isBeingDeleted: (saveId) =>
      engine.read(
        'isBeingDeleted',
        async (session) => (await session.first(deleting, { saveId })) !== undefined,
      ),

    listUnfinished: () =>
      engine.read('a listing of saves', async (session) => (await session.all(list, {})).map(toUnfinished)),

    knownAddresses: (addresses, written = 'by-anybody') =>
      engine.read('knownAddresses', async (session) => {
        const size = BATCHES.find((batch) => batch >= addresses.length)
        if (size === undefined) throw new TypeError(`${addresses.length} addresses at once are more than 500`)
        const query = recorded[written].get(size)
        const [first] = addresses
        if (query === undefined || first === undefined) return new Set()
        const values = Object.fromEntries(
          Array.from({ length: size }, (_, i) => [`a${i}`, addresses[i] ?? first] as const),
        )
        // A save under way owns its address, or all below its folder, before its files are recorded. Asked first: one
        // that is published in between has its files recorded by the time they are asked for.
        const saving = await session.all(places, {})
        const known = new Set((await session.all(query, values)).map(({ address }) => address))
        for (const address of addresses) {
          const isBelow = ({ s3_path, layout }: (typeof saving)[number]) =>
            layout === 'file' ? address === s3_path : address.startsWith(`${s3_path}/`)
          if (saving.some(isBelow)) known.add(address)
        }
        return known
      }),
  }
}

function toUnfinished(row: Row): Unfinished {
  return {
    is: row.state,
    saveId: row.save_id,
    modelId: row.model_id,
    version: row.version,
    s3Path: row.s3_path,
    files: toFiles(row.files),
    expiresInMs: row.expires_in_ms,
  }
}
