import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** One step of the schema. Steps only go forward, and one that was released is never edited: its checksum is recorded. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  /** SHA-256 of the SQL. */
  readonly checksum: string
}

/** @param file - `<number>-<name>.sql` below this folder. */
export function readMigration(file: string): Migration {
  const [, number = '', name = ''] = /(\d{4})-([a-z0-9-]+)\.sql$/.exec(file) ?? []
  const sql = readFileSync(new URL(file, import.meta.url), 'utf8')
  return { number: Number(number), name, sql, checksum: hash('sha256', sql) }
}
