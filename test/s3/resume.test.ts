import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
import type { ArtifactStore } from '../../src/ports/artifact-store.js'
import { collect, failureOf, patterned, sha256Of } from '../../src/ports/testing/contract-bytes.js'
import { fromFile } from '../../src/sources/from-file.js'
import { fromFolder } from '../../src/sources/from-folder.js'
import { eventually } from '../support/eventually.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { type SeenRequest, s3Error } from '../support/s3/http-fault-proxy.js'
import { openStore } from '../support/s3/open-store.js'
import { httpProxy, tcpProxy } from '../support/s3/proxies.js'
import { engineOn, LEASE_MS } from '../support/s3/registry-on.js'
import { ADMIN, BUCKET, REGION } from '../support/s3/s3-server.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const MIB = 1024 ** 2
const SIZE = 43 * MIB
const PART = 5 * MIB
const known = {
  capabilities: AWS_CAPABILITIES,
  transfer: { partBytes: PART, threshold: PART, parallelParts: 2 },
} as const
const SUPPORT = join(import.meta.dirname, '..', 'support', 's3')

const isPart = ({ method, query }: SeenRequest) => method === 'PUT' && query.has('partNumber')

/** A file of 43 MiB and the folder of a database. */
async function prepared(content = patterned(SIZE)) {
  const home = await temporaryFolder()
  const file = join(home, 'weights.bin')
  await writeFile(file, content)
  const metadata = {
    ...{ modelId: `m-${randomUUID()}`, version: '1.0.0', modelType: 'lstm' as const },
    ...{ inputShape: [60, 5], outputShape: [1] },
  }
  return { home, file, metadata, sha256: sha256Of(content) }
}

/** A real process that saves the file, by way of `endpoint`. */
function saving(endpoint: string, { home, file, metadata }: Awaited<ReturnType<typeof prepared>>) {
  const store = {
    ...{ bucket: BUCKET, endpoint, region: REGION, forcePathStyle: true, credentials: ADMIN },
    ...known,
  }
  const child: ChildProcess = spawn(
    process.execPath,
    [
      ...['--import', join(SUPPORT, 'source-hooks.mjs'), join(SUPPORT, 'saving-process.ts')],
      JSON.stringify({ store, home, file, metadata }),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
  )
  let output = ''
  child.stdout?.on('data', (text) => {
    output += text
  })
  const ended = once(child, 'exit').then(() => output)
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await ended
  })
  return { child, ended }
}

/** What the store holds of uploads that are open for the model. */
async function held(store: ArtifactStore, modelId: string): Promise<number> {
  const open = await collect(store.listUnfinished())
  return open.filter(({ address }) => address?.includes(modelId)).reduce((sum, { size }) => sum + size, 0)
}

describeEachServer('A save that was interrupted', (server) => {
  it('by kill -9 goes on with the parts that the store holds, and sends none of them again', async () => {
    const given = await prepared()
    const { modelId } = given.metadata
    const before = await httpProxy(server)
    const { child, ended } = saving(before.endpoint, given)
    await eventually(() => expect(before.seen.filter(isPart).length).toBeGreaterThan(4), 30_000)
    child.kill('SIGKILL')
    expect(await ended).toBe('')
    expect(child.signalCode).toBe('SIGKILL')

    const store = openStore(server, known)
    const arrived = await held(store, modelId)
    expect(arrived).toBeGreaterThanOrEqual(2 * PART)
    expect(arrived).toBeLessThan(SIZE)

    const after = await httpProxy(server)
    const { registry } = await engineOn(openStore(after, known), given.home, LEASE_MS)
    const saved = await registry.saveModel(fromFile(given.file), given.metadata)
    expect(saved.files).toMatchObject([{ size: SIZE, sha256: given.sha256 }])
    // All of the requests' bodies, of which a completion has some too. Two parts may still have been on their way.
    expect(after.bodyBytes).toBeGreaterThanOrEqual(SIZE - arrived - 2 * PART)
    expect(after.bodyBytes).toBeLessThan(SIZE - arrived + 64 * 1024)
    const loaded = await registry.loadModel(modelId, '1.0.0')
    expect(sha256Of(await loaded.bytes())).toBe(given.sha256)
    expect(await held(store, modelId)).toBe(0)
    expect((await collect(registry.scan())).filter(({ address }) => address?.includes(modelId))).toEqual([])
    await registry.close()
  }, 120_000)

  it('by an outage says so, keeps what was sent, and goes on with it', async () => {
    const given = await prepared()
    const { modelId } = given.metadata
    const seeing = await httpProxy(server)
    const proxy = await tcpProxy(seeing)
    const store = openStore(proxy, { ...known, retry: { attempts: 2 } })
    const { registry } = await engineOn(store, given.home)
    const gone = async () => {
      await eventually(() => expect(seeing.seen.filter(isPart).length).toBeGreaterThan(4), 30_000)
      await proxy.inject({ is: 'refuse' })
    }
    const cut = gone()
    const failed = registry.saveModel(fromFile(given.file), given.metadata)
    const failure = await failureOf(failed)
    await cut
    expect(failure).toMatchObject({ name: 'S3UploadError', outcome: 'not-applied' })
    const [upload] = failure.leftovers
    expect(upload).toMatchObject({ kind: 'upload', at: expect.stringContaining(`${modelId}/1.0.0/`) })
    await expect(failed).rejects.toThrow(
      `What was sent is kept: the same call goes on from there, and modelry uploads abort '${upload?.at}' ends it.`,
    )

    const direct = openStore(server, known)
    const arrived = await held(direct, modelId)
    expect(arrived).toBeGreaterThanOrEqual(2 * PART)
    // Away as before: what was kept is kept.
    expect((await failureOf(registry.saveModel(fromFile(given.file), given.metadata))).name).toMatch(/^S3/)
    // Parts that were on their way when the first one was counted have arrived as well.
    const kept = await held(direct, modelId)
    expect(kept).toBeGreaterThanOrEqual(arrived)

    await proxy.inject({ is: 'none' })
    const sent = seeing.bodyBytes
    const saved = await registry.saveModel(fromFile(given.file), given.metadata)
    expect(saved.files).toMatchObject([{ size: SIZE, sha256: given.sha256 }])
    expect(seeing.bodyBytes - sent).toBeLessThan(SIZE - kept + 64 * 1024)
    expect(await held(direct, modelId)).toBe(0)
    await registry.close()
  }, 120_000)

  it('sends a part again whose bytes are others by then', async () => {
    const given = await prepared()
    const { modelId } = given.metadata
    const before = await httpProxy(server)
    const { child, ended } = saving(before.endpoint, given)
    await eventually(() => expect(before.seen.filter(isPart).length).toBeGreaterThan(4), 30_000)
    child.kill('SIGKILL')
    await ended
    const changed = patterned(SIZE)
    changed.fill(7, 100, 200)
    await writeFile(given.file, changed)
    const { registry } = await engineOn(openStore(server, known), given.home, LEASE_MS)
    const saved = await registry.saveModel(fromFile(given.file), given.metadata)
    expect(saved.files).toMatchObject([{ sha256: sha256Of(changed) }])
    expect(sha256Of(await (await registry.loadModel(modelId, '1.0.0')).bytes())).toBe(sha256Of(changed))
    await registry.close()
  }, 120_000)

  it('and comes back to life does no harm to the one that went on with its parts', async () => {
    const given = await prepared()
    const { modelId } = given.metadata
    const before = await httpProxy(server)
    const { child, ended } = saving(before.endpoint, given)
    await eventually(() => expect(before.seen.filter(isPart).length).toBeGreaterThan(4), 30_000)
    child.kill('SIGSTOP')
    const { registry } = await engineOn(openStore(server, known), given.home, LEASE_MS)
    await registry.saveModel(fromFile(given.file), given.metadata)
    child.kill('SIGCONT')
    // Its connections may be gone by then.
    expect(await ended).toMatch(
      /^(lease-lost|object-exists|upload-gone|parts-refused|connection-reset|timed-out)$/,
    )
    expect(sha256Of(await (await registry.loadModel(modelId, '1.0.0')).bytes())).toBe(given.sha256)
    expect(await held(openStore(server, known), modelId)).toBe(0)
    await registry.close()
  }, 120_000)

  it('and is completed by the one that was taken for dead is not sent again', async () => {
    const given = await prepared()
    const { modelId } = given.metadata
    const before = await httpProxy(server)
    const { child, ended } = saving(before.endpoint, given)
    // The upload is complete; the process dies before it can publish the version.
    await eventually(() => expect(before.seen.some(isCompletion)).toBe(true), 30_000)
    child.kill('SIGKILL')
    await ended
    const store = openStore(server, known)
    await eventually(async () => expect(await held(store, modelId)).toBe(0))
    const after = await httpProxy(server)
    const { registry } = await engineOn(openStore(after, known), given.home, LEASE_MS)
    await registry.saveModel(fromFile(given.file), given.metadata).catch((error: unknown) => {
      // It was quicker than the kill.
      if (!(error instanceof Error) || error.name !== 'DuplicateModelError') throw error
    })
    expect(after.bodyBytes).toBeLessThan(64 * 1024)
    expect(sha256Of(await (await registry.loadModel(modelId, '1.0.0')).bytes())).toBe(given.sha256)
    await registry.close()
  }, 120_000)

  it('of a folder goes on with its files, those that are whole and those that are not', async () => {
    const home = await temporaryFolder()
    const folder = join(home, 'model')
    await mkdir(folder)
    const contents = {
      'config.json': patterned(100),
      'a.bin': patterned(12 * MIB),
      'b.bin': patterned(27 * MIB, 3),
    }
    for (const [name, content] of Object.entries(contents)) await writeFile(join(folder, name), content)
    const { metadata } = await prepared(patterned(1))
    const proxy = await httpProxy(server)
    let parts = 0
    // The store is away from the sixth part on.
    proxy.rule((request) =>
      isPart(request) && ++parts > 5 ? { answer: s3Error(503, 'ServiceUnavailable') } : undefined,
    )
    const { registry } = await engineOn(openStore(proxy, { ...known, retry: { attempts: 2 } }), home)
    const failure = await failureOf(registry.saveModel(fromFolder(folder), metadata))
    expect(failure).toMatchObject({ name: 'S3UploadError', reason: 'store-fault' })
    const arrived = await held(openStore(server, known), metadata.modelId)
    proxy.rule(() => undefined)
    const sent = proxy.bodyBytes
    const saved = await registry.saveModel(fromFolder(folder), metadata)
    expect(proxy.bodyBytes - sent).toBeLessThan(39 * MIB - arrived + 64 * 1024)
    const loaded = await registry.loadModel(saved.modelId, '1.0.0')
    for (const [name, content] of Object.entries(contents))
      expect(sha256Of(await loaded.bytes(name))).toBe(sha256Of(content))
    expect(
      (await collect(registry.scan())).filter(({ address }) => address?.includes(saved.modelId)),
    ).toEqual([])
    await registry.close()
  }, 120_000)

  it('for good takes back what it had sent', async () => {
    const given = await prepared()
    const { modelId } = given.metadata
    const proxy = await httpProxy(server)
    let parts = 0
    proxy.rule((request) =>
      isPart(request) && ++parts > 3 ? { answer: s3Error(403, 'AccessDenied') } : undefined,
    )
    const { registry } = await engineOn(openStore(proxy, known), given.home)
    expect(await failureOf(registry.saveModel(fromFile(given.file), given.metadata))).toMatchObject({
      reason: 'access-denied',
      leftovers: [],
    })
    const store = openStore(server, known)
    const open = (await collect(store.listUnfinished())).filter(({ address }) => address?.includes(modelId))
    expect(open).toEqual([])
    await registry.close()
  }, 120_000)
})

function isCompletion({ method, query }: SeenRequest): boolean {
  return method === 'POST' && query.has('uploadId') && !query.has('uploads')
}
