import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { postgresMigrations } from '../../src/adapters/metadata/migrations/postgres.js'
import { openPostgresMetadataStore, type PostgresOptions } from '../../src/adapters/metadata/postgres.js'
import { manualClock } from '../../src/adapters/metadata/testing/manual-clock.js'
import {
  contentOf,
  draftOf,
  failureOf,
  type MetadataSubject,
  MODEL,
  metadataSubject,
  V1,
  V2,
} from '../../src/ports/testing/metadata/metadata-subject.js'
import { commitProxy } from '../support/postgres/commit-proxy.js'
import { beside } from '../support/postgres/connect.js'
import { freshDatabase } from '../support/postgres/fresh-database.js'
import { type PostgresServer, startPostgres } from '../support/postgres/server.js'

async function opened(options: PostgresOptions): Promise<MetadataSubject> {
  const store = await openPostgresMetadataStore(options)
  onTestFinished(() => store.close())
  return metadataSubject({ store, clock: manualClock() })
}

async function ownServer(settings?: Record<string, string>): Promise<PostgresServer> {
  const server = await startPostgres(settings)
  onTestFinished(() => server.remove())
  return server
}

const changed = (url: string, change: (url: URL) => unknown) => {
  const next = new URL(url)
  change(next)
  return next.href
}
const reason = (id: string, outcome = 'not-applied') => ({ code: 'DATABASE_ERROR', reason: { id }, outcome })

describe('a database that cannot be opened', () => {
  it.each([
    ['connection-refused', (url: URL) => Object.assign(url, { port: '1' })],
    ['authentication-failed', (url: URL) => Object.assign(url, { password: 'wrong' })],
  ])('says %s, and not the password', async (id, change) => {
    const failure = await failureOf(
      openPostgresMetadataStore({ url: changed(inject('postgresUrl'), change) }),
    )
    expect(failure).toMatchObject({
      ...reason(id),
      context: { operation: 'open', host: '127.0.0.1', role: 'admin' },
    })
    expect(JSON.stringify(failure)).not.toMatch(/correct( |%20)horse|wrong/)
  })

  it('goes without TLS where none is asked for and the server has none', async () => {
    const url = changed(await freshDatabase(), (url) => url.searchParams.delete('sslmode'))
    await (await opened({ url })).store.check()
  })

  it('is newer than the program, which then changes nothing', async () => {
    const url = await freshDatabase()
    const { store } = await opened({ url })
    const number = (postgresMigrations().at(-1)?.number ?? 0) + 1
    await (await beside(url)).query(`insert into schema_migrations values (${number}, 'later', '', 0)`)
    expect(await failureOf(openPostgresMetadataStore({ url }))).toMatchObject(reason('schema-newer'))
    // One that was running when somebody else brought the database up to date.
    const draft = draftOf(MODEL, V1)
    expect(await failureOf(store.recordVersion(draft, contentOf(draft)))).toMatchObject(
      reason('schema-newer'),
    )
    expect(await store.findVersion(MODEL, { is: 'latest' })).toBeUndefined()
  })
})

describe('several that open one database at once', () => {
  it('make its tables once', async () => {
    const url = await freshDatabase()
    const subjects = await Promise.all(Array.from({ length: 5 }, () => opened({ url })))
    await Promise.all(subjects.map(({ store }) => store.check()))
    const { rows } = await (await beside(url)).query('select number from schema_migrations order by number')
    expect(rows.map(({ number }) => number)).toEqual(postgresMigrations().map(({ number }) => number))
  })
})

describe('a call that the database ends', () => {
  it('succeeds on another connection after an administrator ended all of them', async () => {
    const url = await freshDatabase()
    const { store, saved } = await opened({ url })
    const record = await saved(MODEL, V1)
    const other = await beside(url)
    await other.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    expect(await store.findVersion(MODEL, { is: 'latest' })).toEqual(record)
    expect(await saved(MODEL, V2)).toMatchObject({ number: 2 })
  })
})

describe('a server that is away', () => {
  it('is said at once, and used again when it is back', async () => {
    const server = await ownServer()
    const { store, saved } = await opened({ url: server.url() })
    await saved(MODEL, V1)
    await server.stop()
    for (const call of [() => store.check(), () => store.archiveVersion(MODEL, V1, 'ann')])
      expect(await failureOf(call())).toMatchObject(reason('connection-refused'))
    await server.start()
    await store.check()
    expect(await saved(MODEL, V2)).toMatchObject({ number: 2 })
  })
})

describe('a connection that is lost after COMMIT was sent', () => {
  it('leaves nothing to guess: the change is found to be made, once', async () => {
    const proxy = await commitProxy(await freshDatabase())
    const { store, saved } = await opened({ url: proxy.url })
    proxy.loseCommit('answer')
    const record = await saved(MODEL, V1)
    expect(proxy.lost).toBe(1)
    expect(await store.listVersions(MODEL, { limit: 10 })).toEqual([record])
    expect(await store.listHistory({ limit: 10 })).toHaveLength(1)
  })
})
