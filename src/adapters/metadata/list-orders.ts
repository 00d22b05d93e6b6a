import { type RawBuilder, sql } from 'kysely'
import type { VersionFilter } from '../../ports/metadata-store.js'
import { placeholder, type SqlValue } from './prepared.js'
import { type RecordRow, toRecord } from './record.js'

export type OrderName = VersionFilter['orderBy']

/** The last row of the page before, or the start of the listing. */
type ListKey = readonly (string | number)[]

/** How the columns of a version `v` are named where an index on them is wanted, or where none is. */
export interface OrderColumns {
  readonly id: RawBuilder<number>
  readonly accuracy: RawBuilder<number>
  readonly modelId: RawBuilder<string>
  readonly number: RawBuilder<number>
}

/** One order of a listing. */
export interface ListOrder {
  readonly name: OrderName
  readonly start: ListKey
  readonly keyOf: (row: RecordRow) => ListKey
  readonly values: (key: ListKey) => Readonly<Record<string, SqlValue>>
  readonly orderBy: (v: OrderColumns) => RawBuilder<unknown>
  /** What comes after the key: ranges that an index of the order can seek to, one after the other. */
  readonly ranges: (v: OrderColumns) => readonly RawBuilder<unknown>[]
  readonly rangeCount: number
  /** Whether the id alone decides, so that any column that holds it may stand in for it. */
  readonly byId: boolean
}

const LAST_ID = Number.MAX_SAFE_INTEGER
const id = placeholder<number>('afterId')
const accuracy = placeholder<number>('afterAccuracy')
const modelId = placeholder<string>('afterModel')
const number = placeholder<number>('afterNumber')

export const listOrders: Readonly<Record<OrderName, ListOrder>> = {
  newest: {
    name: 'newest',
    start: [LAST_ID],
    keyOf: (row) => [row.id],
    values: ([afterId = 0]) => ({ afterId }),
    orderBy: (v) => sql`${v.id} desc`,
    ranges: (v) => [sql`${v.id} < ${id}`],
    rangeCount: 1,
    byId: true,
  },
  oldest: {
    name: 'oldest',
    start: [0],
    keyOf: (row) => [row.id],
    values: ([afterId = 0]) => ({ afterId }),
    orderBy: (v) => v.id,
    ranges: (v) => [sql`${v.id} > ${id}`],
    rangeCount: 1,
    byId: true,
  },
  accuracy: {
    name: 'accuracy',
    // Above the highest accuracy, which is 1.
    start: [2, LAST_ID],
    keyOf: (row) => [toRecord(row).accuracy ?? 0, row.id],
    values: ([afterAccuracy = 0, afterId = 0]) => ({ afterAccuracy, afterId }),
    orderBy: (v) => sql`${v.accuracy} desc, ${v.id} desc`,
    ranges: (v) => [sql`${v.accuracy} is not null and (${v.accuracy}, ${v.id}) < (${accuracy}, ${id})`],
    rangeCount: 1,
    byId: false,
  },
  model: {
    name: 'model',
    start: ['', 0],
    keyOf(row) {
      const { modelId, number } = toRecord(row)
      return [modelId, number]
    },
    values: ([afterModel = '', afterNumber = 0]) => ({ afterModel, afterNumber }),
    orderBy: (v) => sql`${v.modelId}, ${v.number} desc`,
    // One direction for names and the other for numbers: no index seeks to both at once, so the rest of the model is
    // read first and the models after it then.
    ranges: (v) => [
      sql`${v.modelId} = ${modelId} and ${v.number} < ${number}`,
      sql`${v.modelId} > ${modelId}`,
    ],
    rangeCount: 2,
    byId: false,
  },
}
