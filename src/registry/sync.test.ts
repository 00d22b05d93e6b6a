import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { FsArtifactStore } from '../adapters/artifacts/fs.js'
import { awayStore } from '../adapters/artifacts/spool/testing/away-store.js'
import { SpooledArtifactStore } from '../adapters/artifacts/spool.js'
import { openSqliteMetadataStore } from '../adapters/metadata/sqlite.js'
import { DatabaseError } from '../errors/index.js'
import { collect } from '../ports/testing/contract-bytes.js'
import { fromParts } from '../sources/from-parts.js'
import { createEngine } from './create-engine.js'
import { RegistryEvents } from './registry-events.js'
import { LEASE_MS } from './testing/engine-with.js'
import { metadata as model } from './testing/registry-fixture.js'

/** A registry with a spool whose store can be away, and whose database can fail to take what was settled. */
async function spooling() {
  const home = await temporaryFolder()
  const { store, link } = awayStore(new FsArtifactStore({ root: join(home, 'store') }))
  const spool = new SpooledArtifactStore(store, { folder: join(home, 'spool'), maxBytes: 1_000_000 })
  const metadata = await openSqliteMetadataStore({ path: join(home, 'registry.db') })
  const settle = metadata.settlePending.bind(metadata)
  const listUnfinished = metadata.listUnfinished.bind(metadata)
  const database = { fails: false }
  const failing = <A extends unknown[], R>(call: (...args: A) => Promise<R>, operation: string) => {
    return async (...args: A) => {
      if (database.fails) throw new DatabaseError({ operation })
      return call(...args)
    }
  }
  metadata.settlePending = failing(settle, 'settlePending')
  metadata.listUnfinished = failing(listUnfinished, 'listUnfinished')
  const engine = createEngine({
    ...{ artifacts: spool, spool, metadata, events: new RegistryEvents(), environments: {} },
    ...{ actor: 'tester', holder: 'here:1', bucket: 'models', saveLeaseMs: LEASE_MS, lockLeaseMs: LEASE_MS },
    ...{ newId: randomUUID, now: () => new Date() },
  })
  onTestFinished(() => engine.registry.close())
  return { engine, link, database }
}

describe('carrying over', () => {
  it('stops where the database fails, tells what is left, and does the rest the next time', async () => {
    const { engine, link, database } = await spooling()
    link.away = true
    await engine.registry.saveModel(fromParts({ a: 1, b: 2, c: 3 }), model)
    link.away = false
    database.fails = true
    const items = await collect(engine.sync())
    expect(items.map(({ state }) => state)).toEqual(['failed', 'pending', 'pending'])
    expect(items[0]?.error).toMatchObject({ code: 'DATABASE_ERROR' })
    expect(link.puts).toBe(1)
    database.fails = false
    expect((await collect(engine.sync())).map(({ state }) => state)).toEqual(['synced', 'synced', 'synced'])
    expect(await engine.pending()).toMatchObject({ files: 0 })
    expect(await engine.registry.getModel('btc-lstm', '1.0.0', { verify: 'content' })).not.toBeNull()
  })
})
