import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { parsePostgresAddress } from '../../src/adapters/metadata/postgres-address.js'
import { postgresQueries } from '../../src/adapters/metadata/postgres-dialect.js'
import { PostgresEngine } from '../../src/adapters/metadata/postgres-engine.js'
import { openPool } from '../../src/adapters/metadata/postgres-pool.js'
import { sqlMetadataStore } from '../../src/adapters/metadata/sql-metadata-store.js'
import { parseAlias } from '../../src/domain/alias.js'
import { parseModelId } from '../../src/domain/model-id.js'
import { parseVersion } from '../../src/domain/version.js'
import { createModelRegistry, type Registry } from '../../src/index.js'
import { metadata } from '../../src/registry/testing/registry-fixture.js'
import { eventually } from '../support/eventually.js'
import { type CommitProxy, commitProxy } from '../support/postgres/commit-proxy.js'
import { connect } from '../support/postgres/connect.js'
import { freshDatabase } from '../support/postgres/fresh-database.js'
import { type PostgresServer, startPostgres } from '../support/postgres/server.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const { modelId, version } = metadata

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
  await admin(`create role app login password 'secret'`)
})
afterAll(() => server.remove())

let proxy: CommitProxy
let registry: Registry
beforeEach(async () => {
  const url = new URL(await freshDatabase(server.url()))
  await admin(`alter database ${url.pathname.slice(1)} owner to app`)
  // An ordinary user, who may look at nothing that others may not.
  url.username = 'app'
  url.password = 'secret'
  proxy = await commitProxy(url.href)
  registry = await createModelRegistry({ home: await temporaryFolder(), db: proxy.url })
  onTestFinished(() => registry.close())
})

async function admin(sql: string): Promise<void> {
  const client = await connect(server.url())
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

async function restart(how: 'fast' | 'immediate'): Promise<void> {
  await server.stop(how)
  await server.start()
}

/** One of its processes dies, and the server starts all of the others anew without ending itself. */
async function crashBackend(): Promise<void> {
  const client = await connect(server.url())
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const ended = new Promise((resolve) => client.once('end', resolve))
  const pid = rows[0]?.pid
  if (pid === undefined) throw new TypeError('a connection without a process')
  process.kill(pid, 'SIGKILL')
  await ended
  await eventually(() => admin('select 1'))
}

/** Others commit under the numbers that come next. */
async function goOn(): Promise<void> {
  await admin(Array.from({ length: 20 }, () => 'begin; select txid_current(); commit').join(';'))
}

const setAlias = () => registry.setAlias(modelId, 'champion', version)
const actions = async () => (await registry.listHistory({ modelId })).map(({ action }) => action).sort()

/** The change was made once, whether that took one transaction or two. */
async function expectAlias(): Promise<void> {
  expect(proxy.lost).toBe(1)
  expect((await registry.getModel(modelId, version))?.aliases).toEqual(['champion'])
  expect(await actions()).toHaveLength(2)
}

describe('a change whose COMMIT is not answered', () => {
  beforeEach(async () => {
    await registry.saveModel({ w: [1] }, metadata)
  })

  it.for([
    { what: 'answer', how: 'at once', meanwhile: async () => {} },
    { what: 'request', how: 'at once', meanwhile: async () => {} },
    { what: 'answer', how: 'after a checkpoint', meanwhile: () => admin('checkpoint') },
    { what: 'answer', how: 'after a restart', meanwhile: () => restart('fast') },
    { what: 'request', how: 'after a restart', meanwhile: () => restart('fast').then(goOn) },
    { what: 'answer', how: 'after a crash of the server', meanwhile: () => restart('immediate') },
    { what: 'request', how: 'after a crash of the server', meanwhile: () => restart('immediate').then(goOn) },
    { what: 'answer', how: 'after a crash of one process', meanwhile: crashBackend },
    { what: 'request', how: 'after a crash of one process', meanwhile: () => crashBackend().then(goOn) },
  ] as const)('is made once when the $what is lost and the connection $how', async ({ what, meanwhile }) => {
    proxy.loseCommit(what, { meanwhile })
    await setAlias()
    await expectAlias()
  })

  it('is made once when a checkpoint has just been made', async () => {
    await admin('checkpoint')
    proxy.loseCommit('answer')
    await setAlias()
    await expectAlias()
  })

  it('is made once after a crash, when those who wait for the one connection are asked first', async () => {
    const address = parsePostgresAddress(proxy.url)
    if (address === undefined) throw new TypeError('the proxy has no address')
    const pool = await openPool({
      ...address,
      ...{ poolSize: 1, statementTimeoutMs: 30_000, connectTimeoutMs: 10_000 },
    })
    const engine = new PostgresEngine({
      queries: postgresQueries('database'),
      ...{ pool, place: {}, settings: [], schemaNumber: 1_000, now: Date.now },
    })
    onTestFinished(() => engine.close())
    proxy.loseCommit('request', { meanwhile: () => restart('immediate').then(goOn) })
    const change = sqlMetadataStore(engine).setAlias(
      parseModelId(modelId),
      parseAlias('champion'),
      parseVersion(version),
      'ann',
    )
    await eventually(() => expect(pool.totalCount - pool.idleCount).toBe(1))
    const first = await pool.connect()
    await eventually(() => expect(pool.waitingCount).toBe(1))
    const second = pool.connect()
    first.release()
    const waiter = await second
    await eventually(async () => {
      const { rows } = await waiter.query(
        `select from pg_control_checkpoint() where checkpoint_time < clock_timestamp() - interval '4 seconds'`,
      )
      expect(rows).toHaveLength(1)
    })
    waiter.release()
    await change
    await expectAlias()
  })

  it('is of unknown outcome after a crash of which an ordinary user may learn nothing', async () => {
    const revoked = new URL(proxy.url).pathname.slice(1)
    const owner = await connect(server.url(revoked))
    await owner.query('revoke execute on function pg_control_checkpoint() from public')
    await owner.end()
    proxy.loseCommit('answer', { meanwhile: () => restart('immediate') })
    await expect(setAlias()).rejects.toMatchObject({ code: 'DATABASE_ERROR', outcome: 'unknown' })
    expect((await registry.getModel(modelId, version))?.aliases).toEqual(['champion'])
  })
})
