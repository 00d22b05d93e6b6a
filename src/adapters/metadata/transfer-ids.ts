import { type RawBuilder, sql } from 'kysely'
import type { NameRow } from '../../domain/transfer-row.js'
import type { ReadNameRows } from '../../ports/metadata-transfer.js'
import type { Queries, Session } from './engine.js'
import type { Parameters } from './prepared.js'

/** How many ids one query asks for. */
const BATCH = 200

/** What is added to the ids of one name's rows: 0 where those are free. */
export interface IdShifts {
  readonly version: number
  readonly deployment: number
  readonly history: number
}
type Kind = keyof IdShifts
const KINDS: readonly Kind[] = ['version', 'deployment', 'history']

const PLACES = {
  version: { table: 'trained_models', column: 'id' },
  deployment: { table: 'deployments', column: 'id' },
  history: { table: 'history', column: 'sequence' },
} as const

/**
 * Where the rows of a name can have their ids. They keep them wherever they can, so that links from outside stay true
 * and listings their order. Where one is taken, all ids of that kind move, so that they still count in the same order.
 */
export function transferIds(queries: Queries) {
  const made = KINDS.map((kind) => {
    const { table, column } = PLACES[kind]
    const [from, id] = [sql.table(table), sql.ref(column)]
    const taken = queries.prepare((_, p: Parameters<Record<string, number>>) => {
      const ids = Array.from({ length: BATCH }, (_, i) => p[`a${i}`] as RawBuilder<number>)
      return sql<{ id: number }>`select ${id} as id from ${from} where ${id} in (${sql.join(ids)}) limit 1`
    })
    const last = queries.prepare(() => sql<{ id: number | null }>`select max(${id}) as id from ${from}`)
    const settle = queries.dialect.idsGiven?.(table, column)
    return { kind, taken, last, settle: settle && queries.prepare(() => settle) }
  })

  async function isTaken(session: Session, { taken }: (typeof made)[number], ids: readonly number[]) {
    const [first] = ids
    if (first === undefined) return false
    const values = Object.fromEntries(Array.from({ length: BATCH }, (_, i) => [`a${i}`, ids[i] ?? first]))
    return (await session.first(taken, values)) !== undefined
  }

  return {
    async shifts(session: Session, rows: ReadNameRows): Promise<IdShifts> {
      const waiting: Record<Kind, number[]> = { version: [], deployment: [], history: [] }
      const moved = new Set<Kind>()
      const look = async (enough: number) => {
        for (const one of made) {
          const ids = waiting[one.kind]
          if (moved.has(one.kind) || ids.length < enough) continue
          if (await isTaken(session, one, ids)) moved.add(one.kind)
          ids.length = 0
        }
      }
      for await (const row of rows()) {
        const id = idOf(row)
        if (row.row === 'model' || id === undefined || moved.has(row.row)) continue
        waiting[row.row].push(id)
        await look(BATCH)
      }
      await look(1)
      const shifts = { version: 0, deployment: 0, history: 0 }
      for (const { kind, last } of made)
        if (moved.has(kind)) shifts[kind] = (await session.first(last, {}))?.id ?? 0
      return shifts
    },

    /** Lets the database count on from the ids that rows brought with them. */
    async settle(session: Session): Promise<void> {
      for (const { settle } of made) if (settle !== undefined) await session.first(settle, {})
    },
  }
}

function idOf(row: NameRow): number | undefined {
  if (row.row === 'model') return undefined
  return row.row === 'history' ? row.sequence : row.id
}

/** The row with its ids, and all that name them, moved. */
export function shifted(row: NameRow, { version, deployment, history }: IdShifts): NameRow {
  const moved = (id: number | null) => (id === null ? null : id + deployment)
  switch (row.row) {
    case 'model':
      return row
    case 'version':
      return { ...row, id: row.id + version }
    case 'deployment':
      return {
        ...row,
        id: row.id + deployment,
        versionId: row.versionId === null ? null : row.versionId + version,
        previousId: moved(row.previousId),
        rollbackOf: moved(row.rollbackOf),
        restores: moved(row.restores),
      }
    case 'history':
      return { ...row, sequence: row.sequence + history, details: shiftedDetails(row.details, deployment) }
  }
}

/** The details of a deployment's entry name deployments by the text of their ids. */
function shiftedDetails(details: Readonly<Record<string, unknown>>, by: number): Record<string, unknown> {
  const moved = { ...details }
  for (const name of ['deploymentId', 'rollbackOf', 'restores'])
    if (by !== 0 && typeof moved[name] === 'string') moved[name] = String(Number(moved[name]) + by)
  return moved
}
