import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { parseVersion } from '../../domain/version.js'
import { allPages, MODEL, metadataSubject } from '../../ports/testing/metadata/metadata-subject.js'
import { applyMigration, sqliteMigrations } from './migrations/sqlite.js'
import { openSqliteMetadataStore } from './sqlite.js'
import { manualClock } from './testing/manual-clock.js'

/** More than are kept out of the index at once, twice. */
const MANY = 150

const versionOf = (n: number) => parseVersion(`1.${n}.0`)

async function opened(path: string) {
  const clock = manualClock()
  const store = await openSqliteMetadataStore({ path, now: clock.now })
  onTestFinished(() => store.close())
  const subject = metadataSubject({ store, clock })
  const found = async (query: string, orderBy: 'newest' | 'accuracy' = 'newest') => {
    const page = await allPages((cursor) => store.listModels({ query, limit: 20, orderBy, cursor }))
    return page.map(({ version }) => version)
  }
  const tagged = async (tag: string, orderBy: 'newest' | 'oldest' | 'accuracy' = 'newest') => {
    const page = await allPages((cursor) => store.listModels({ tag, limit: 20, orderBy, cursor }))
    return page.map(({ version }) => version)
  }
  return { store, subject, found, tagged }
}

it('finds the text of each version as soon as it is visible, whether the index has it yet or not', async () => {
  const path = join(await temporaryFolder(), 'registry.db')
  const { store, subject, found } = await opened(path)
  for (let n = 0; n < MANY; n++) {
    await subject.saved(MODEL, versionOf(n), { description: `common, word${n}x`, accuracy: 0.5 })
    expect(await found(`word${n}x`)).toEqual([versionOf(n)])
  }
  const newestFirst = Array.from({ length: MANY }, (_, n) => versionOf(MANY - 1 - n))
  expect(await found('common')).toEqual(newestFirst)
  expect(await found('common', 'accuracy')).toEqual(newestFirst)

  for (const n of [3, MANY - 1]) {
    await store.updateVersion(MODEL, versionOf(n), { description: `other${n}x` }, 'ann')
    expect(await found(`word${n}x`)).toEqual([])
    expect(await found(`other${n}x`)).toEqual([versionOf(n)])
  }
  for (const n of [3, 4, MANY - 2]) {
    await store.beginDeletion(MODEL, versionOf(n), 'ann')
    await store.finishDeletion(MODEL, versionOf(n))
  }
  expect(await found('common')).toHaveLength(MANY - 4)
  expect(await found('other3x')).toEqual([])

  const raw = new DatabaseSync(path)
  onTestFinished(() => raw.close())
  // Fails where the index has a text that is gone or changed: https://www.sqlite.org/fts5.html#the_integrity_check_command
  raw.exec("insert into version_search (version_search) values ('integrity-check')")
  const { count } = raw.prepare('select count(*) as count from unsearched_versions').get() ?? {}
  expect(Number(count)).toBeLessThan(64)
})

it('finds the tags of each version as soon as it is visible, whether they are in the large table yet or not', async () => {
  const { store, subject, tagged } = await opened(join(await temporaryFolder(), 'registry.db'))
  for (let n = 0; n < MANY; n++) {
    await subject.saved(MODEL, versionOf(n), { tags: { all: 'yes', run: `r${n}` }, accuracy: 0.5 })
    expect(await tagged(`run=r${n}`)).toEqual([versionOf(n)])
  }
  const oldestFirst = Array.from({ length: MANY }, (_, n) => versionOf(n))
  expect(await tagged('all=yes', 'oldest')).toEqual(oldestFirst)
  expect(await tagged('all=yes')).toEqual(oldestFirst.toReversed())
  expect(await tagged('all', 'accuracy')).toEqual(oldestFirst.toReversed())

  for (const n of [3, MANY - 1]) {
    await store.updateVersion(MODEL, versionOf(n), { tags: { all: 'no', run: 'again' } }, 'ann')
    expect(await tagged(`run=r${n}`)).toEqual([])
  }
  expect(await tagged('run=again')).toEqual([versionOf(MANY - 1), versionOf(3)])
  for (const n of [3, 4, MANY - 2]) {
    await store.beginDeletion(MODEL, versionOf(n), 'ann')
    await store.finishDeletion(MODEL, versionOf(n))
  }
  expect(await tagged('run=again')).toEqual([versionOf(MANY - 1)])
  expect(await tagged('all=yes')).toHaveLength(MANY - 4)
  expect(await tagged('run')).toHaveLength(MANY - 3)
})

it('finds what a database had before some texts were kept out of the index', async () => {
  const path = join(await temporaryFolder(), 'registry.db')
  const database = new DatabaseSync(path)
  for (const migration of sqliteMigrations().slice(0, 4)) applyMigration(database, migration, 0)
  database.exec(`
    insert into models (model_id, folded, next_number, created_at) values ('${MODEL}', '${MODEL}', 2, 0);
    insert into trained_models (model_id, version, number, sort_key, stable, state, save_id, model_type, s3_path, layout,
      metadata, tags, digest, size, created_at, created_by, updated_at, search_text, record)
      values ('${MODEL}', '1.0.0', 1, '1', 1, 'ready', 'a', 'lstm', 's3://b/k', 'file', '{"inputShape":[1],"outputShape":[1]}',
        '{}', '${'0'.repeat(64)}', 1, 0, 'ann', 0, 'btc-lstm before', '{"version":"1.0.0","tags":{}}')`)
  database.close()
  const { store, found } = await opened(path)
  expect(await found('before')).toEqual(['1.0.0'])
  await store.updateVersion(MODEL, parseVersion('1.0.0'), { description: 'afterwards' }, 'ann')
  expect(await found('before')).toEqual([])
  expect(await found('afterwards')).toEqual(['1.0.0'])
})
