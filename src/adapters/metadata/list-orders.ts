import { type RawBuilder, sql } from 'kysely'
import type { VersionFilter } from '../../ports/metadata-store.js'
import { placeholder, type SqlValue } from './prepared.js'
import type { RecordRow } from './record.js'

export type OrderName = VersionFilter['orderBy']

/** The last row of the page before, or the start of the listing. */
export type ListKey = readonly (string | number)[]

/** One order of a listing. The conditions and expressions are on a version `v`. */
export interface ListOrder {
  readonly name: OrderName
  readonly start: ListKey
  readonly keyOf: (row: RecordRow) => ListKey
  readonly values: (key: ListKey) => Readonly<Record<string, SqlValue>>
  readonly orderBy: RawBuilder<unknown>
  /** What comes after the key, in any plan. */
  readonly after: RawBuilder<unknown>
  /** The same in ranges that an index of the order can seek to, one after the other. */
  readonly ranges: readonly RawBuilder<unknown>[]
  /** For orders by id alone: the range and the order of another table's column that holds the version's id. */
  readonly byId?: {
    readonly after: (id: RawBuilder<number>) => RawBuilder<unknown>
    readonly orderBy: (id: RawBuilder<number>) => RawBuilder<unknown>
  }
}

const id = placeholder<number>('afterId')
const LAST_ID = Number.MAX_SAFE_INTEGER

const newest: ListOrder = {
  name: 'newest',
  start: [LAST_ID],
  keyOf: (row) => [row.id],
  values: ([afterId = 0]) => ({ afterId }),
  orderBy: sql`v.id desc`,
  after: sql`v.id < ${id}`,
  ranges: [sql`v.id < ${id}`],
  byId: { after: (column) => sql`${column} < ${id}`, orderBy: (column) => sql`${column} desc` },
}

const oldest: ListOrder = {
  name: 'oldest',
  start: [0],
  keyOf: (row) => [row.id],
  values: ([afterId = 0]) => ({ afterId }),
  orderBy: sql`v.id`,
  after: sql`v.id > ${id}`,
  ranges: [sql`v.id > ${id}`],
  byId: { after: (column) => sql`${column} > ${id}`, orderBy: (column) => column },
}

const accuracy = placeholder<number>('afterAccuracy')

const byAccuracy: ListOrder = {
  name: 'accuracy',
  // Above the highest accuracy, which is 1.
  start: [2, LAST_ID],
  keyOf: (row) => [row.accuracy ?? 0, row.id],
  values: ([afterAccuracy = 0, afterId = 0]) => ({ afterAccuracy, afterId }),
  orderBy: sql`v.accuracy desc, v.id desc`,
  after: sql`v.accuracy is not null and (v.accuracy, v.id) < (${accuracy}, ${id})`,
  ranges: [sql`v.accuracy is not null and (v.accuracy, v.id) < (${accuracy}, ${id})`],
}

const model = placeholder<string>('afterModel')

const byModel: ListOrder = {
  name: 'model',
  start: ['', 0],
  keyOf: (row) => [row.model_id, row.id],
  values: ([afterModel = '', afterId = 0]) => ({ afterModel, afterId }),
  orderBy: sql`v.model_id, v.id desc`,
  after: sql`(v.model_id > ${model} or (v.model_id = ${model} and v.id < ${id}))`,
  // One direction for names and the other for ids: no index seeks to that at once, so the rest of the model is read
  // first and the models after it then.
  ranges: [sql`v.model_id = ${model} and v.id < ${id}`, sql`v.model_id > ${model}`],
}

export const listOrders: Readonly<Record<OrderName, ListOrder>> = {
  newest,
  oldest,
  accuracy: byAccuracy,
  model: byModel,
}
