import { chmodSync, closeSync, openSync, writeSync } from 'node:fs'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { asOtherUser } from '../../../test/support/as-other-user.js'
import { mountMemory } from '../../../test/support/mounted.js'
import { temporaryFolder } from '../../../test/support/temporary-folder.js'
import { parseVersion } from '../../domain/version.js'
import {
  contentOf,
  draftOf,
  failureOf,
  LEASE_MS,
  type MetadataSubject,
  MODEL,
  metadataSubject,
  V1,
} from '../../ports/testing/metadata/metadata-subject.js'
import { openSqliteMetadataStore, type SqliteOptions } from './sqlite.js'
import { manualClock } from './testing/manual-clock.js'

const isRoot = process.getuid?.() === 0

async function opened(options: SqliteOptions): Promise<MetadataSubject> {
  const store = await openSqliteMetadataStore(options)
  onTestFinished(() => store.close())
  return metadataSubject({ store, clock: manualClock() })
}

describe('a database file that cannot be used', () => {
  it('is not a database', async () => {
    const path = join(await temporaryFolder(), 'notes.txt')
    await writeFile(path, 'These are notes, and not a database.\n'.repeat(100))
    expect(await failureOf(openSqliteMetadataStore({ path }))).toMatchObject({
      code: 'DATABASE_ERROR',
      reason: { id: 'sqlite-not-a-database' },
      outcome: 'not-applied',
      context: { operation: 'open', localPath: path },
    })
    expect((await stat(path)).size).toBe(3700)
  })

  it('is a folder', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    await mkdir(path)
    expect(await failureOf(openSqliteMetadataStore({ path }))).toMatchObject({
      reason: { id: 'sqlite-cannot-open' },
      context: { localPath: path },
    })
  })

  it('lies below a file', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'file'), '')
    expect(
      await failureOf(openSqliteMetadataStore({ path: join(folder, 'file', 'registry.db') })),
    ).toMatchObject({
      reason: { id: 'sqlite-cannot-open' },
    })
  })

  it.skipIf(!isRoot)('belongs to somebody else, who lets this user read it', async () => {
    const folder = await temporaryFolder()
    chmodSync(folder, 0o755)
    const path = join(folder, 'registry.db')
    const owner = await opened({ path })
    await owner.saved(MODEL, V1)
    await owner.store.close()
    chmodSync(path, 0o644)
    expect(await asOtherUser(() => failureOf(openSqliteMetadataStore({ path })))).toMatchObject({
      code: 'DATABASE_ERROR',
      reason: { id: 'sqlite-read-only' },
      outcome: 'not-applied',
    })
  })

  it.skipIf(!isRoot)('belongs to somebody else, who lets nobody read it', async () => {
    const folder = await temporaryFolder()
    chmodSync(folder, 0o755)
    const path = join(folder, 'registry.db')
    await (await openSqliteMetadataStore({ path })).close()
    chmodSync(path, 0o600)
    expect(await asOtherUser(() => failureOf(openSqliteMetadataStore({ path })))).toMatchObject({
      reason: { id: 'sqlite-cannot-open' },
    })
  })

  it.skipIf(!isRoot)('would lie in a folder in which this user may not write', async () => {
    const folder = await temporaryFolder()
    chmodSync(folder, 0o755)
    for (const path of [join(folder, 'registry.db'), join(folder, 'sub', 'registry.db')])
      expect(await asOtherUser(() => failureOf(openSqliteMetadataStore({ path })))).toMatchObject({
        reason: { id: 'sqlite-cannot-open' },
      })
  })

  it('is damaged', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    const first = await opened({ path })
    for (let i = 0; i < 50; i++) await first.saved(MODEL, parseVersion(`1.${i}.0`))
    await first.store.close()
    const { size } = await stat(path)
    const file = openSync(path, 'r+')
    // The first page names the tables; all the others are overwritten.
    for (let at = 4096; at < size; at += 4096) writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, at)
    closeSync(file)
    const failure = await failureOf(
      openSqliteMetadataStore({ path }).then(async (store) => {
        onTestFinished(() => store.close())
        await store.listVersions(MODEL, { limit: 100 })
      }),
    )
    expect(failure).toMatchObject({
      code: 'DATABASE_ERROR',
      reason: { id: 'sqlite-corrupt' },
      outcome: 'not-applied',
      context: { localPath: path },
    })
  })
})

describe('a disk that is full', () => {
  it('refuses a save as sqlite-full, keeps what was saved, and takes it when there is room', async ({
    skip,
  }) => {
    const folder = await temporaryFolder()
    const reason = mountMemory(folder, '4m')
    skip(reason !== undefined, reason)
    const filler = join(folder, 'filler')
    await writeFile(filler, Buffer.alloc(2 << 20))
    const { store, saved } = await opened({ path: join(folder, 'registry.db') })
    const description = 'x'.repeat(10_000)
    let count = 0
    const failure = await failureOf(
      (async () => {
        for (; count < 1000; count++) await saved(MODEL, parseVersion(`1.${count}.0`), { description })
      })(),
    )
    expect(failure).toMatchObject({
      code: 'DATABASE_ERROR',
      reason: { id: 'sqlite-full' },
      outcome: 'not-applied',
      context: { operation: 'recordVersion' },
    })
    expect(count).toBeGreaterThan(0)
    expect(await store.listVersions(MODEL, { limit: 1000 })).toHaveLength(count)
    await rm(filler)
    await saved(MODEL, parseVersion(`1.${count}.0`), { description })
    expect(await store.listVersions(MODEL, { limit: 1000 })).toHaveLength(count + 1)
  })
})

describe('a database that another process keeps locked', () => {
  it('lets reads wait, without a log, while the other one writes to the file', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    const { store, saved } = await opened({ path, journal: 'delete' })
    const record = await saved(MODEL, V1)
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('begin exclusive')
    const reading = Promise.all([
      store.findVersion(MODEL, { is: 'latest' }),
      store.listModels({ limit: 1, orderBy: 'accuracy', tag: 'a', query: 'abc' }),
    ])
    await new Promise((resolve) => setImmediate(resolve))
    other.exec('rollback')
    expect(await reading).toEqual([record, []])
  })

  it('refuses a read as sqlite-busy when patience ends', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    const { store } = await opened({ path, journal: 'delete', patienceMs: 50 })
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('begin exclusive')
    expect(await failureOf(store.check())).toMatchObject({
      code: 'DATABASE_ERROR',
      reason: { id: 'sqlite-busy' },
      outcome: 'not-applied',
      context: { operation: 'a check' },
    })
    other.exec('rollback')
    await store.check()
  })

  it('lets reads through, and a change when the lock is given up', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    const { store, saved } = await opened({ path })
    await saved(MODEL, V1)
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('begin immediate')
    const draft = draftOf(MODEL, parseVersion('1.1.0'))
    let done = false
    const change = store.reserveVersion(draft, LEASE_MS).finally(() => {
      done = true
    })
    expect(await store.findVersion(MODEL, { is: 'latest' })).toBeDefined()
    expect(await store.listModels({ limit: 10, orderBy: 'newest' })).toHaveLength(1)
    expect(done).toBe(false)
    other.exec('commit')
    expect(await change).toEqual({ is: 'reserved' })
  })

  it('refuses a change as sqlite-busy when patience ends, and the next one succeeds', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    const { store, saved } = await opened({ path, patienceMs: 50 })
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('begin immediate')
    const draft = draftOf(MODEL, V1)
    expect(await failureOf(store.recordVersion(draft, contentOf(draft)))).toMatchObject({
      code: 'DATABASE_ERROR',
      reason: { id: 'sqlite-busy' },
      outcome: 'not-applied',
      context: { operation: 'recordVersion', localPath: path },
    })
    other.exec('rollback')
    await saved(MODEL, V1)
  })

  it('opens when the lock is given up', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('begin exclusive')
    const opening = opened({ path })
    await new Promise((resolve) => setImmediate(resolve))
    other.exec('rollback')
    await (await opening).store.check()
  })
})

describe('a database that is changed behind the back', () => {
  it('fails with what SQLite says when a table is gone, and changes nothing', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    const { store } = await opened({ path })
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec('drop table history')
    const draft = draftOf(MODEL, V1)
    const failure = await failureOf(store.recordVersion(draft, contentOf(draft)))
    expect(failure).toMatchObject({ code: 'DATABASE_ERROR', outcome: 'not-applied' })
    expect(await store.findVersion(MODEL, { is: 'version', version: V1 })).toBeUndefined()
    expect(await store.listUnfinished()).toEqual([])
  })

  it('fails as a damaged row does when a column holds no JSON', async () => {
    const path = join(await temporaryFolder(), 'registry.db')
    const { store, saved } = await opened({ path })
    await saved(MODEL, V1)
    const other = new DatabaseSync(path)
    onTestFinished(() => other.close())
    other.exec(`pragma ignore_check_constraints = on; update trained_models set record = 'oops'`)
    expect(await failureOf(store.findVersion(MODEL, { is: 'latest' }))).toMatchObject({
      code: 'DATABASE_ERROR',
      context: { operation: 'findVersion' },
    })
  })
})
