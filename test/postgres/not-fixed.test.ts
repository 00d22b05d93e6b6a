import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { expect, it, onTestFinished } from 'vitest'
import { createModelRegistry, type Registry } from '../../src/index.js'
import { errorOf } from '../../src/recovery/testing/fix-clauses.js'
import { metadata } from '../../src/registry/testing/registry-fixture.js'
import { beside, connect } from '../support/postgres/connect.js'
import { freshDatabase } from '../support/postgres/fresh-database.js'
import { startPostgres } from '../support/postgres/server.js'
import { databaseOnSmallDisk } from '../support/postgres/small-disk.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const { modelId, version } = metadata

async function opened(db: string): Promise<Registry> {
  const registry = await createModelRegistry({ home: await temporaryFolder(), db })
  onTestFinished(() => registry.close())
  return registry
}

it('a database without tables that can only be read is not taken for one that takes changes', async () => {
  const url = await freshDatabase()
  const admin = await beside(url)
  await admin.query(`alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = on`)
  const error = await errorOf(() => opened(url))
  expect(error.reason.id).toBe('database-read-only')
  expect(await error.attemptAutoFix({ timeoutMs: 5_000 }), JSON.stringify(error.lastFix)).toBe(false)
  expect(error.lastFix?.seen.at(-1)).toMatch(/has no tables yet, or old ones, so that it cannot be seen/)
  await expect(opened(url)).rejects.toMatchObject({ reason: { id: 'database-read-only' } })
})

it('a full disk that has room for a small row is full, until it has room for the call', async ({ skip }) => {
  const server = await startPostgres()
  onTestFinished(() => server.remove())
  const { url, fill } = await databaseOnSmallDisk(server, skip)
  const registry = await opened(url)
  // The first page of the table takes more rows than this one.
  const inside = await connect(url)
  await inside.query(`insert into idempotency_keys values ('k', 'o', 'f', 0, 9000000000000000, null, null)`)
  await inside.end()
  const ballast = await fill()
  let number = 1
  const save = () =>
    registry.saveModel(
      { w: 1 },
      {
        ...metadata,
        version: `${number++}.0.0`,
        hyperparameters: { large: randomBytes(30_000).toString('hex') },
      },
    )
  const error = await errorOf(async () => {
    while (number < 100) await save()
  })
  expect(error.reason.id).toBe('database-disk-full')
  expect(await error.attemptAutoFix({ timeoutMs: 1_000 }), JSON.stringify(error.lastFix)).toBe(false)
  await expect(save()).rejects.toMatchObject({ reason: { id: 'database-disk-full' } })
  await rm(ballast)
  expect(await error.attemptAutoFix(), JSON.stringify(error.lastFix)).toBe(true)
  await save()
})

it('a statement that is slow by itself is not said to be repaired', async () => {
  const url = await freshDatabase()
  const registry = await opened(`${url}&statement_timeout=200`)
  await registry.saveModel({ w: 1 }, metadata)
  const admin = await beside(url)
  await admin.query(`
    create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(2); return new; end $$;
    create trigger slow before update on trained_models for each row execute function slow()`)
  const error = await errorOf(() => registry.updateMetadata(modelId, version, { description: 'new' }))
  expect(error.reason.id).toBe('statement-timeout')
  expect(await error.attemptAutoFix(), JSON.stringify(error.lastFix)).toBe(false)
  expect(error.lastFix).toMatchObject({ ended: 'not-fixed', seen: [expect.stringMatching(/slow by itself/)] })
})

it('one transaction that holds what the call needs is counted as one', async () => {
  const url = await freshDatabase()
  const registry = await opened(`${url}&lock_timeout=50`)
  await registry.saveModel({ w: 1 }, metadata)
  const other = await beside(url)
  await other.query('begin; update trained_models set updated_at = 0')
  const error = await errorOf(() => registry.updateMetadata(modelId, version, { description: 'new' }))
  expect(await error.attemptAutoFix({ timeoutMs: 2_000 })).toBe(false)
  expect(error.lastFix?.seen).toEqual([
    expect.stringMatching(/ has 1 other transaction that holds what it changed\.$/),
  ])
  await other.query('rollback')
})
