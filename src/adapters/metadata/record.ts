import { type RawBuilder, sql } from 'kysely'
import { type ModelRecord, parseRecordText, type RecordText } from '../../domain/model-record.js'

/** A visible version as it is read. Nothing more: each further column costs a listing as much as a record. */
export interface RecordRow {
  readonly id: number
  readonly record: RecordText
}

/** The columns of a RecordRow, for a query that calls `trained_models` `v`. */
export const recordColumns: RawBuilder<RecordRow> = sql`v.id, v.record`

export function toRecord({ record }: RecordRow): ModelRecord {
  return parseRecordText(record)
}

export function toText({ record }: RecordRow): RecordText {
  return record
}
