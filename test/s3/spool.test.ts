import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openEngine } from '../../src/compose.js'
import { type ConfigFile, loadConfig } from '../../src/config.js'
import { collect } from '../../src/ports/testing/contract-bytes.js'
import type { Engine } from '../../src/registry/engine.js'
import { fromParts } from '../../src/sources/from-parts.js'
import { eventually } from '../support/eventually.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { type HttpFaultProxy, s3Error } from '../support/s3/http-fault-proxy.js'
import { openStore } from '../support/s3/open-store.js'
import { httpProxy } from '../support/s3/proxies.js'
import { ADMIN, BUCKET, REGION, type S3Server } from '../support/s3/s3-server.js'
import { seededRandom } from '../support/seed.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const SUPPORT = join(import.meta.dirname, '..', 'support', 's3')
/** Kill points for each operation on each server, at random; `npm run conformance:crash` tries 40, `all` every one. */
const POINTS = process.env.MODELRY_CRASH_POINTS ?? '2'
const COOLDOWN_MS = 1_000

const parts = () => fromParts({ 'a.json': { a: 1 }, 'b.bin': new Uint8Array(70_000).fill(7) })
const away = (proxy: HttpFaultProxy) => proxy.rule(() => ({ answer: s3Error(503, 'ServiceUnavailable') }))
const back = (proxy: HttpFaultProxy) => proxy.rule(() => undefined)

/** A registry behind a proxy that a test can make go away, in a folder of the bucket that nobody else has. */
async function machine(server: S3Server) {
  const proxy = await httpProxy(server)
  const prefix = `spool-${randomUUID()}`
  const optionsIn = (home: string, spool = join(home, 'spool')) =>
    ({
      home,
      actor: 'tester',
      saveLeaseMs: 1_000,
      breaker: { minimumCalls: 2, cooldownMs: COOLDOWN_MS },
      fallback: { folder: spool },
      store: {
        ...{ bucket: BUCKET, prefix, region: REGION, endpoint: proxy.endpoint, forcePathStyle: true },
        ...{ credentials: ADMIN, retry: { attempts: 1 } },
      },
    }) satisfies ConfigFile
  const metadata = {
    ...{ modelId: 'btc-lstm', version: '1.0.0', modelType: 'lstm' as const },
    ...{ inputShape: [60, 5], outputShape: [1] },
  }
  return { proxy, home: await temporaryFolder(), optionsIn, metadata, prefix }
}

async function opened(options: ConfigFile): Promise<Engine> {
  const { config } = await loadConfig({ program: options, env: {} })
  const engine = await openEngine(config)
  onTestFinished(() => engine.registry.close())
  return engine
}

async function storedKeys(server: S3Server, prefix: string): Promise<string[]> {
  const store = openStore(server, { prefix })
  const keys = (await collect(store.list())).map(({ address }) => String(address))
  await store.close()
  return keys.filter((key) => !key.includes('/.modelry/')).toSorted()
}

describeEachServer('A spool', (server) => {
  it('keeps what is saved while the store is away, serves it, and carries it over once', async () => {
    const { proxy, home, optionsIn, metadata, prefix } = await machine(server)
    const here = await opened(optionsIn(home))
    away(proxy)
    const record = await here.registry.saveModel(parts(), metadata)
    expect(record.storage).toBe('pending')
    const [holder] = record.files.map(({ heldBy }) => heldBy)
    expect((await here.registry.health()).pending).toMatchObject({ files: 2 })
    expect(await (await here.registry.loadModel('btc-lstm', '1.0.0')).bytes('b.bin')).toHaveLength(70_000)

    const elsewhere = await opened(optionsIn(home, join(home, 'another')))
    const deployed = elsewhere.registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
    await expect(deployed).rejects.toMatchObject({
      ...{ code: 'DEPLOYMENT_FAILED', reason: { id: 'pending-elsewhere' } },
      message: expect.stringContaining(String(holder)),
    })
    expect(await collect(here.sync({ dryRun: true }))).toHaveLength(2)
    const [file] = record.files
    if (file !== undefined) expect(await here.signFile(file, 'inline')).toBeUndefined()
    const items = await collect(here.sync())
    expect(items.map(({ state }) => state)).toEqual(['failed', 'pending'])
    expect(items[0]?.error).toMatchObject({ context: { keptIn: join(home, 'spool') } })
    expect(await storedKeys(server, prefix)).toEqual([])

    back(proxy)
    // Another machine does not have the files, and does not take them for missing either.
    await eventually(async () => {
      await elsewhere.registry.health()
      expect((await collect(elsewhere.registry.scan())).filter(({ is }) => is === 'missing-file')).toEqual([])
    })
    await eventually(async () => {
      const items = await collect(here.sync())
      expect(items.map(({ state }) => state)).toEqual(['synced', 'synced'])
    })
    expect(await collect(here.sync())).toEqual([])
    expect(await storedKeys(server, prefix)).toEqual(record.files.map(({ address }) => address).toSorted())
    const read = await elsewhere.registry.getModel('btc-lstm', '1.0.0', { verify: 'content' })
    expect(read?.storage).toBeUndefined()
    expect((await here.registry.health()).pending).toMatchObject({ files: 0, bytes: 0 })
    const actions = (await here.registry.listHistory({ modelId: 'btc-lstm' })).map(({ action }) => action)
    expect(actions).toEqual(['synced', 'saved'])
  })

  it('that has lost its name keeps what it has until the store has it', async () => {
    const { proxy, home, optionsIn, metadata, prefix } = await machine(server)
    const before = await opened(optionsIn(home))
    away(proxy)
    await before.registry.saveModel(parts(), metadata)
    await before.registry.close()
    await rm(join(home, 'spool', 'spool.json'))

    const here = await opened(optionsIn(home))
    await here.registry.saveModel(parts(), { ...metadata, version: '2.0.0' })
    expect(await (await here.registry.loadModel('btc-lstm', '1.0.0')).bytes('b.bin')).toHaveLength(70_000)
    expect((await collect(here.sync())).map(({ state }) => state)).toEqual([
      'failed',
      'pending',
      'pending',
      'pending',
    ])
    expect((await here.registry.health()).pending).toMatchObject({ files: 4 })
    back(proxy)
    await eventually(async () => {
      await here.registry.health()
      const items = await collect(here.sync())
      expect(items.map(({ state }) => state)).toEqual(Array(4).fill('synced'))
    })
    expect(await storedKeys(server, prefix)).toHaveLength(4)
    for (const version of ['1.0.0', '2.0.0'])
      expect(
        (await here.registry.getModel('btc-lstm', version, { verify: 'content' }))?.storage,
      ).toBeUndefined()
  })

  it('keeps a file that is recorded as sent while the store does not have it', async () => {
    const { proxy, home, optionsIn, metadata, prefix } = await machine(server)
    const here = await opened(optionsIn(home))
    away(proxy)
    await here.registry.saveModel(parts(), metadata)
    const copy = join(await temporaryFolder(), 'spool')
    await cp(join(home, 'spool'), copy, { recursive: true })
    back(proxy)
    await eventually(async () => {
      await here.registry.health()
      expect((await collect(here.sync())).map(({ state }) => state)).toEqual(['synced', 'synced'])
    })
    await emptied(server, prefix)
    await cp(copy, join(home, 'spool'), { recursive: true })
    await collect(here.sync())
    expect((await here.registry.health()).pending).toMatchObject({ files: 2 })
  })

  it('never stands before what the store has of a version that another machine has saved', async () => {
    const { home, optionsIn, metadata } = await machine(server)
    const here = await opened(optionsIn(home))
    const there = await opened(optionsIn(home, join(home, 'another')))
    const record = await there.registry.saveModel(parts(), metadata)
    // As a save that died in the outage before has left it.
    const left = record.files.find(({ path }) => path === 'b.bin')
    if (left === undefined) throw new TypeError('no file')
    const place = join(home, 'spool', 'objects', left.address.slice('s3://'.length))
    await mkdir(dirname(place), { recursive: true })
    await writeFile(place, new Uint8Array(70_000).fill(9))
    const loaded = await here.registry.loadModel('btc-lstm', '1.0.0')
    const [first] = await collect(loaded.stream('b.bin', { range: { start: 0, end: 4 } }))
    expect(first).toEqual(new Uint8Array(4).fill(7))
    expect(await here.registry.getModel('btc-lstm', '1.0.0', { verify: 'content' })).not.toBeNull()
    await collect(here.sync())
    expect((await here.registry.health()).pending).toMatchObject({ files: 0 })
  })

  it('is emptied by itself when the circuit closes', async () => {
    const { proxy, home, optionsIn, metadata } = await machine(server)
    const { registry, syncInBackground } = await opened(optionsIn(home))
    away(proxy)
    await registry.saveModel(parts(), metadata)
    syncInBackground()
    const synced = new Promise((resolve) => registry.events.on('synced', resolve))
    back(proxy)
    // Whoever calls the store next finds it back, and closes the circuit.
    await eventually(async () => expect((await registry.health()).artifacts.status).toBe('ok'))
    await synced
    expect((await registry.getModel('btc-lstm', '1.0.0'))?.storage).toBeUndefined()
  })

  it('is emptied by two processes at once, and each object is sent once', async () => {
    const { proxy, home, optionsIn, metadata, prefix } = await machine(server)
    const one = await opened(optionsIn(home))
    away(proxy)
    for (const version of ['1.0.0', '1.1.0', '1.2.0'])
      await one.registry.saveModel(parts(), { ...metadata, version })
    back(proxy)
    await eventually(async () => expect((await one.registry.health()).artifacts.status).toBe('ok'))
    const two = await opened(optionsIn(home))
    const items = await Promise.all([collect(one.sync()), collect(two.sync())])
    expect(items.flat().map(({ state }) => state)).toEqual(Array(6).fill('synced'))
    expect(await storedKeys(server, prefix)).toHaveLength(6)
  })

  it('does not take a stream that was sent in part, and the error says so', async () => {
    const { proxy, home, optionsIn, metadata } = await machine(server)
    const { registry } = await opened(optionsIn(home))
    let parts = 0
    proxy.rule(({ query }) => {
      if (!query.has('partNumber')) return undefined
      parts += 1
      return parts > 1 ? { answer: s3Error(503, 'ServiceUnavailable') } : undefined
    })
    async function* stream() {
      for (let n = 0; n < 24; n++) yield new Uint8Array(1024 ** 2).fill(n)
    }
    await expect(registry.saveModel(stream(), metadata)).rejects.toMatchObject({
      message: expect.stringContaining('could not keep it'),
    })
    expect(await registry.getModel('btc-lstm', '1.0.0', { verify: 'none' })).toBeNull()
  })

  it.each(['save', 'sync'] as const)(
    'loses nothing when a process is killed in the middle of %s',
    { timeout: 900_000 },
    async (operation) => {
      const { proxy, home: template, optionsIn, metadata, prefix } = await machine(server)
      away(proxy)
      const first = await opened(optionsIn(template))
      await first.registry.saveModel(parts(), metadata)
      await first.registry.close()
      const facts = { operation, metadata: { ...metadata, version: '2.0.0' } }
      const ready = () => (operation === 'save' ? away(proxy) : back(proxy))

      const counted = join(await temporaryFolder(), 'home')
      await cp(template, counted, { recursive: true })
      ready()
      const { output, signal } = await victim({ ...facts, options: optionsIn(counted), killAt: 0 })
      expect(signal).toBeNull()
      const awaits = Number(output)
      expect(awaits).toBeGreaterThan(10)
      // What the count has carried over is not to be found there again.
      await emptied(server, prefix)

      const random = seededRandom(`kill points of a spool's ${operation} out of ${awaits}`)
      for (const killAt of killPoints(awaits, random)) {
        const home = join(await temporaryFolder(), 'home')
        await cp(template, home, { recursive: true })
        ready()
        await victim({ ...facts, options: optionsIn(home), killAt })
        const engine = await opened(optionsIn(home))
        if (operation === 'save') {
          for (const { version } of await engine.registry.listModels())
            await engine.registry.getModel('btc-lstm', version, { verify: 'content' })
          await eventually(async () => {
            await engine.registry.saveModel(parts(), facts.metadata).catch((error: unknown) => {
              if (Object(error).reason?.id !== 'version-exists') throw error
            })
          })
        }
        back(proxy)
        await eventually(async () => {
          await engine.registry.health()
          await collect(engine.sync())
          expect((await engine.registry.health()).pending).toMatchObject({ files: 0 })
        }, 30_000)
        const elsewhere = await opened(optionsIn(home, join(home, 'another')))
        const expected: string[] = []
        for (const { version } of await elsewhere.registry.listModels()) {
          const record = await elsewhere.registry.getModel('btc-lstm', version, { verify: 'content' })
          expect(record?.storage).toBeUndefined()
          expected.push(...(record?.files ?? []).map(({ address }) => address))
        }
        expect(expected).toHaveLength(operation === 'save' ? 4 : 2)
        expect(await storedKeys(server, prefix), `killed at ${killAt}`).toEqual(expected.toSorted())
        await emptied(server, prefix)
        await Promise.all([engine.registry.close(), elsewhere.registry.close()])
      }
    },
  )
})

async function emptied(server: S3Server, prefix: string): Promise<void> {
  const store = openStore(server, { prefix })
  for (const { address } of await collect(store.list())) await store.delete(address)
  await store.close()
}

async function victim(facts: object): Promise<{ output: string; signal: string | null }> {
  const args = ['--import', join(SUPPORT, 'source-hooks.mjs'), join(SUPPORT, 'spooling-process.ts')]
  const child = spawn(process.execPath, [...args, JSON.stringify(facts)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  let output = ''
  child.stdout.on('data', (text) => {
    output += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (_code, signal) => resolve({ output, signal }))
  })
}

/** All of them, or as many as asked for, one at a random place of each equal stretch. */
function killPoints(awaits: number, random: { below(limit: number): number }): number[] {
  if (POINTS === 'all' || Number(POINTS) >= awaits)
    return Array.from({ length: awaits }, (_, index) => index + 1)
  const stretch = awaits / Number(POINTS)
  const pick = (n: number) => Math.floor(n * stretch) + 1 + random.below(Math.floor(stretch))
  return Array.from({ length: Number(POINTS) }, (_, n) => pick(n))
}
