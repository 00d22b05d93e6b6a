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

/** The version of modelry that runs, which is recorded with what it applies. */
export function programVersion(): string {
  const found: unknown = JSON.parse(
    readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
  )
  if (typeof found === 'object' && found !== null && 'version' in found && typeof found.version === 'string')
    return found.version
  throw new TypeError('package.json has no version')
}

/** @param file - `<number>-<name>.sql` below this folder. */
export function readMigration(file: string): Migration {
  const [, number = '', name = ''] = /(\d{4})-([a-z0-9-]+)\.sql$/.exec(file) ?? []
  const sql = readFileSync(new URL(file, import.meta.url), 'utf8')
  return { number: Number(number), name, sql, checksum: hash('sha256', sql) }
}
