import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createModelRegistry, type Registry } from '../../src/index.js'
import { metadata } from '../../src/registry/testing/registry-fixture.js'
import { send } from '../../src/server/testing/send.js'
import { served } from '../../src/server/testing/served.js'
import { eventually } from '../support/eventually.js'
import { commitProxy } from '../support/postgres/commit-proxy.js'
import { connect } from '../support/postgres/connect.js'
import { freshDatabase } from '../support/postgres/fresh-database.js'
import { type PostgresServer, startPostgres } from '../support/postgres/server.js'
import { temporaryFolder } from '../support/temporary-folder.js'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.remove())

/** As after a crash: nobody is asked to finish anything. */
async function restart(): Promise<void> {
  await server.stop('immediate')
  await server.start()
}

/** Others come back first. */
async function restartAndGoOn(): Promise<void> {
  await restart()
  const other = await connect(server.url())
  for (let i = 0; i < 20; i++) await other.query('select txid_current()')
  await other.end()
}

async function registryAt(db: string): Promise<Registry> {
  const registry = await createModelRegistry({ home: await temporaryFolder(), db })
  onTestFinished(() => registry.close())
  return registry
}

const { modelId, version } = metadata
const save = (registry: Registry) => registry.saveModel({ w: [1, 2, 3] }, metadata)

describe('a server that is restarted in the middle of a transaction', () => {
  // A save is two transactions: its name is reserved, and it becomes visible.
  it.for([
    { what: 'answer', after: 1, meanwhile: restart },
    { what: 'request', after: 0, meanwhile: restart },
    // Numbers of transactions that a crash has lost are given to others, who commit under them.
    { what: 'request', after: 0, meanwhile: restartAndGoOn },
    { what: 'request', after: 1, meanwhile: restartAndGoOn },
  ] as const)(
    'leaves nothing to guess of a save when the $what of COMMIT $after is lost with it',
    async (lost) => {
      const proxy = await commitProxy(await freshDatabase(server.url()))
      const registry = await registryAt(proxy.url)
      proxy.loseCommit(lost.what, lost)
      const saved = await save(registry)
      expect(proxy.lost).toBe(1)
      expect(await registry.getModelVersions(modelId)).toEqual([saved])
      expect(saved.number).toBe(1)
      expect(await registry.listHistory({ modelId })).toHaveLength(1)
      expect((await (await registry.loadModel(modelId, version)).bytes()).length).toBe(saved.size)
    },
  )

  it('undoes a change that had not come to its COMMIT, and the error says so', async () => {
    const url = await freshDatabase(server.url())
    const registry = await registryAt(url)
    const saved = await save(registry)
    const other = await connect(url)
    await other.query('begin; update trained_models set updated_at = 0')
    const change = registry.updateMetadata(modelId, version, { description: 'new' })
    const failure = expect(change).rejects.toMatchObject({ code: 'DATABASE_ERROR', outcome: 'not-applied' })
    await eventually(async () => {
      const { rows } = await other.query(
        'select from pg_stat_activity where cardinality(pg_blocking_pids(pid)) > 0',
      )
      expect(rows).toHaveLength(1)
    })
    await restart()
    await failure
    expect(await registry.getModelVersions(modelId)).toEqual([saved])
    const changed = await registry.updateMetadata(modelId, version, { description: 'new' })
    expect(changed.description).toBe('new')
  })
})

describe('/readyz', () => {
  it('says that the database is away, and that it is back, while our server goes on', async () => {
    const { url, engine } = await served({}, { db: await freshDatabase(server.url()) })
    const token = await engine.tokens.create('reader', ['read'])
    const ask = (path: string) => send(url, path, { token })
    await eventually(async () => expect((await ask('/readyz')).status).toBe(200))
    expect((await ask('/api/models')).status).toBe(200)
    await server.stop()
    const away = await ask('/readyz')
    expect(away.status).toBe(503)
    expect(away.json()).toMatchObject({
      status: 'down',
      artifacts: { status: 'ok' },
      metadata: { status: 'down', error: { code: 'DATABASE_ERROR', cause: 'connection-refused' } },
    })
    expect((await send(url, '/readyz')).json().metadata.error).toEqual({
      code: 'DATABASE_ERROR',
      cause: 'connection-refused',
    })
    expect((await ask('/healthz')).status).toBe(200)
    await eventually(async () => expect((await ask('/api/models')).status).toBe(503))
    await server.start()
    expect((await ask('/readyz')).json()).toMatchObject({ status: 'ok', metadata: { status: 'ok' } })
    expect((await ask('/api/models')).status).toBe(200)
  })
})
