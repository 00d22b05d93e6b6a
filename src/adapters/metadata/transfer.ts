import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import type { ModelId } from '../../domain/model-id.js'
import type { NameRow } from '../../domain/transfer-row.js'
import type { Import, MetadataTransfer, ReadNameRows } from '../../ports/metadata-transfer.js'
import type { Session, SqlEngine } from './engine.js'
import type { RecordKeeper } from './keep-record.js'
import type { Parameters } from './prepared.js'
import { transferComparer } from './transfer-compare.js'
import { type IdShifts, shifted, transferIds } from './transfer-ids.js'
import { transferReader } from './transfer-read.js'
import { transferWriter } from './transfer-write.js'

/** Versions whose records are written anew between two queries for more. */
const PAGE = 200

type Altered = Extract<Import, { is: 'altered' }>

/** All that the registry knows, out and in, exactly. */
export function transfer(engine: SqlEngine, keep: RecordKeeper): MetadataTransfer {
  const { queries } = engine
  const reader = transferReader(queries)
  const compare = transferComparer(queries)
  const ids = transferIds(queries)
  const write = transferWriter(queries)
  const idsOf = queries.prepare(
    (_, p: Parameters<{ modelId: ModelId; after: number; limit: number }>) =>
      sql<{ id: number; number: number }>`select id, number from trained_models
        where model_id = ${p.modelId} and state = 'ready' and number > ${p.after} order by number limit ${p.limit}`,
  )

  /** Writes the records of all versions of a name: a record holds aliases and environments, whose rows come after it. */
  async function keepAll(session: Session, modelId: ModelId): Promise<void> {
    for (let after = 0; ; ) {
      const page = await session.all(idsOf, { modelId, after, limit: PAGE })
      // At once, so that a database that is far away is asked for all of them in few requests.
      await Promise.all(page.map(({ id }) => keep(session, id)))
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return
      after = last.number
    }
  }

  async function writeAll(session: Session, rows: ReadNameRows, shifts: IdShifts): Promise<void> {
    let modelId: ModelId | undefined
    for await (const row of rows()) {
      await write(session, shifted(row, shifts))
      modelId = row.modelId
    }
    if (modelId === undefined) return
    await keepAll(session, modelId)
    await ids.settle(session)
  }

  /** @returns the first row that does not read back as it was given. */
  async function readBack(
    session: Session,
    rows: ReadNameRows,
    shifts: IdShifts,
  ): Promise<Altered | undefined> {
    let actual: AsyncGenerator<NameRow> | undefined
    for await (const row of rows()) {
      const expected = shifted(row, shifts)
      actual ??= reader.ofName(session, row.modelId)
      const next = await actual.next()
      const found = next.done === true ? undefined : next.value
      if (!isDeepStrictEqual(expected, found)) return altered(expected, found)
    }
    const surplus = await actual?.next()
    return surplus === undefined || surplus.done === true ? undefined : altered(undefined, surplus.value)
  }

  return {
    exportRows: (read, only) =>
      engine.snapshot('exportRows', (session) =>
        read(only === undefined ? reader.all(session) : reader.ofName(session, only.modelId)),
      ),

    compareRows: (rows) => engine.read('compareRows', (session) => compare(session, rows)),

    async importRows(rows) {
      let wrong: Altered | undefined
      try {
        return await engine.write('importRows', async (session): Promise<Import> => {
          wrong = undefined
          const found = await compare(session, rows)
          if (found.is !== 'new') return found
          const shifts = await ids.shifts(session, rows)
          await writeAll(session, rows, shifts)
          wrong = await readBack(session, rows, shifts)
          if (wrong !== undefined) throw new TypeError('a row does not read back as it was written')
          return { is: 'imported', renumbered: Object.values(shifts).some((by) => by !== 0) }
        })
      } catch (error) {
        if (wrong !== undefined) return wrong
        throw error
      }
    },
  }
}

function altered(expected: NameRow | undefined, actual: NameRow | undefined): Altered {
  return { is: 'altered', expected: shown(expected), actual: shown(actual) }
}

function shown(row: NameRow | undefined): string {
  return row === undefined ? 'nothing' : JSON.stringify(row).slice(0, 1000)
}
