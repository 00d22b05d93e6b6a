import { readFileSync } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { packageVersion } from '../../package-version.js'
import { failureOf, MODEL, metadataSubject, V1 } from '../../ports/testing/metadata/metadata-subject.js'
import { applyMigration, sqliteMigrations } from './migrations/sqlite.js'
import { hasSoundWal, openSqliteMetadataStore } from './sqlite.js'
import { manualClock } from './testing/manual-clock.js'

/** Opens the file with nothing of ours in between. */
function inFile<T>(path: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path)
  try {
    return work(database)
  } finally {
    database.close()
  }
}

describe('opening the database', () => {
  it('makes the file, its folders and the tables', async () => {
    const path = join(await temporaryFolder(), 'a', 'b', 'registry.db')
    const store = await openSqliteMetadataStore({ path })
    await store.check()
    await store.close()
    expect((await stat(path)).isFile()).toBe(true)
    expect(await readdir(join(path, '..'))).toEqual(['registry.db'])
  })

  it('records each migration with its number, name and checksum, once', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    const { now } = manualClock()
    for (let i = 0; i < 2; i++) await (await openSqliteMetadataStore({ path, now })).close()
    const rows = inFile(path, (database) => database.prepare('select * from schema_migrations').all())
    expect(rows).toEqual(
      sqliteMigrations().map(({ number, name, checksum }) => ({
        ...{ number, name, checksum },
        ...{ applied_at: now(), program: packageVersion() },
      })),
    )
  })

  it('counts its migrations from 1 without gaps, each in a file of that number', async () => {
    const folder = new URL('./migrations/sqlite/', import.meta.url)
    const files = (await readdir(folder)).sort()
    const known = sqliteMigrations()
    expect(known.map(({ number }) => number)).toEqual(known.map((_, i) => i + 1))
    expect(known.map(({ sql }) => sql)).toEqual(
      files.map((file) => readFileSync(new URL(file, folder), 'utf8')),
    )
  })

  it('keeps what is there', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    const clock = manualClock()
    const first = metadataSubject({ store: await openSqliteMetadataStore({ path }), clock })
    const record = await first.saved(MODEL, V1)
    await first.store.close()
    const second = await openSqliteMetadataStore({ path })
    expect(await second.findVersion(MODEL, { is: 'version', version: V1 })).toEqual(record)
    await second.close()
  })

  it('keeps the history of a database that was made before there were approvals, and its rules', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    const entry = `insert into history (at, actor, action, model_id, version, environment, details)
      values (1, 'ann', 'saved', 'btc-lstm', '1.0.0', null, '{"number":1}')`
    inFile(path, (database) => {
      for (const migration of sqliteMigrations().slice(0, 1)) applyMigration(database, migration, 0)
      database.exec(entry)
    })
    const store = await openSqliteMetadataStore({ path })
    expect(await store.listHistory({ limit: 10 })).toMatchObject([
      { sequence: 1, actor: 'ann', action: 'saved' },
    ])
    await store.close()
    inFile(path, (database) => {
      database.exec(entry.replace('saved', 'approved'))
      expect(() => database.exec(`update history set actor = 'eve'`)).toThrow('append-only')
      expect(() => database.exec('delete from history')).toThrow('append-only')
    })
  })

  it('lets one of many who open a new file at once make the tables, and the others wait', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    const stores = await Promise.all(Array.from({ length: 8 }, () => openSqliteMetadataStore({ path })))
    await Promise.all(stores.map((store) => store.check()))
    await Promise.all(stores.map((store) => store.close()))
    const rows = inFile(path, (database) => database.prepare('select number from schema_migrations').all())
    expect(rows).toHaveLength(sqliteMigrations().length)
  })

  it('makes all of a schema or nothing: a migration that was cut off is not there', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    inFile(path, (database) => database.exec('create table aliases (somebody text)'))
    const failure = await failureOf(openSqliteMetadataStore({ path }))
    expect(failure).toMatchObject({ code: 'DATABASE_ERROR', context: { operation: 'open', localPath: path } })
    const tables = inFile(path, (database) => database.prepare('select name from sqlite_schema').all())
    expect(tables).toEqual([{ name: 'aliases' }])
  })

  it('refuses a database that a newer program made, and says which schema is which', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    await (await openSqliteMetadataStore({ path })).close()
    inFile(path, (database) =>
      database.exec(`insert into schema_migrations values (4711, 'later', 'x', 0, '9.1.0')`),
    )
    expect(await failureOf(openSqliteMetadataStore({ path }))).toMatchObject({
      code: 'DATABASE_ERROR',
      reason: { id: 'schema-newer' },
      outcome: 'not-applied',
      context: { localPath: path, expected: sqliteMigrations().length, actual: 4711, program: '9.1.0' },
      message: expect.stringContaining(
        'the database has schema 4711 of modelry 9.1.0 and this modelry knows',
      ),
    })
  })

  it('refuses a database whose schema came from another migration of the same number', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    await (await openSqliteMetadataStore({ path })).close()
    inFile(path, (database) => database.exec(`update schema_migrations set checksum = 'other'`))
    expect(await failureOf(openSqliteMetadataStore({ path }))).toMatchObject({
      code: 'DATABASE_ERROR',
      context: { actual: 'other', expected: sqliteMigrations()[0]?.checksum },
    })
  })

  it('keeps the log of SQLite where it is sound, and does without it where it is not', async () => {
    for (const sound of ['3.51.3', '3.52.0', '3.53.4', '4.0.0']) expect(hasSoundWal(sound)).toBe(true)
    for (const unsound of ['3.51.2', '3.50.9', '3.7.17']) expect(hasSoundWal(unsound)).toBe(false)
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'x'))
    const mode = async (journal: 'wal' | 'delete' | undefined) => {
      const path = join(folder, `${journal}.db`)
      await (await openSqliteMetadataStore({ path, ...(journal === undefined ? {} : { journal }) })).close()
      return inFile(path, (database) => database.prepare('pragma journal_mode').get())
    }
    expect(await mode(undefined)).toEqual({ journal_mode: 'wal' })
    expect(await mode('wal')).toEqual({ journal_mode: 'wal' })
    expect(await mode('delete')).toEqual({ journal_mode: 'delete' })
  })
})
