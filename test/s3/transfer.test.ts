import { randomUUID } from 'node:crypto'
import { expect, it, onTestFinished, vi } from 'vitest'
import { parseS3Address } from '../../src/domain/s3-address.js'
import { createModelRegistry, exportRegistry, importRegistry } from '../../src/index.js'
import { failureOf, patterned } from '../../src/ports/testing/contract-bytes.js'
import { metadata } from '../../src/registry/testing/registry-fixture.js'
import { everythingOf } from '../../src/registry/testing/transfer-fixture.js'
import { fromParts } from '../../src/sources/from-parts.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { openStore } from '../support/s3/open-store.js'
import { ADMIN, BUCKET, REGION } from '../support/s3/s3-server.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const MIB = 1024 ** 2

describeEachServer('An export', (server) => {
  const query = new URLSearchParams({ endpoint: server.endpoint, forcePathStyle: 'true', region: REGION })
  const place = () => `s3://${BUCKET}/${randomUUID()}?${query}`

  function useCredentials() {
    vi.stubEnv('AWS_ACCESS_KEY_ID', ADMIN.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', ADMIN.secretAccessKey)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
  }

  async function filledHome() {
    const home = await temporaryFolder()
    const registry = await createModelRegistry({ home })
    for (const version of ['1.0.0', '2.0.0'])
      await registry.saveModel(
        fromParts({ 'weights.bin': patterned(6 * MIB), 'model.json': { version }, empty: new Uint8Array(0) }),
        { ...metadata, version },
      )
    await registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' })
    await registry.setAlias('btc-lstm', 'champion', '2.0.0')
    const everything = await everythingOf(registry)
    await registry.close()
    return { home, everything }
  }

  async function everythingIn(home: string) {
    const registry = await createModelRegistry({ home })
    const everything = await everythingOf(registry)
    await registry.close()
    return everything
  }

  it('goes to a bucket and comes back to a folder the same', async () => {
    useCredentials()
    const { home, everything } = await filledHome()
    const to = place()
    const first = await exportRegistry({ to, registry: { home } })
    expect(first).toMatchObject({ counts: { versions: 2, files: 6 }, copied: { files: 4 } })
    expect(await exportRegistry({ to, registry: { home } })).toMatchObject({ copied: { files: 0 } })
    const other = await temporaryFolder()
    await importRegistry({ from: to, registry: { home: other } })
    expect(await everythingIn(other)).toEqual(everything)
  })

  it('brings a registry of a folder to one with its files in S3, below its bucket and prefix', async () => {
    useCredentials()
    const { home, everything } = await filledHome()
    const to = await temporaryFolder()
    await exportRegistry({ to, registry: { home } })
    const [prefix, other] = [randomUUID(), await temporaryFolder()]
    const registry = { home: other, store: `s3://${BUCKET}/${prefix}?${query}` }
    const report = await importRegistry({ from: to, registry })
    expect(report.mapped).toEqual([{ from: 's3://models', to: `s3://${BUCKET}/${prefix}`, files: 6 }])
    expect(await importRegistry({ from: to, registry })).toMatchObject({ names: { present: 1 } })
    const opened = await createModelRegistry(registry)
    onTestFinished(() => opened.close())
    const there = await everythingOf(opened)
    expect(there.versions.map(({ bytes }) => bytes)).toEqual(everything.versions.map(({ bytes }) => bytes))
    expect(there.versions.map(({ record }) => record.digest)).toEqual(
      everything.versions.map(({ record }) => record.digest),
    )
    expect(there.deployments).toEqual(everything.deployments)
    expect(there.history).toEqual(everything.history)
  })

  it('is refused where a byte of it was changed in the bucket', async () => {
    useCredentials()
    const { home } = await filledHome()
    const to = place()
    await exportRegistry({ to, registry: { home } })
    const store = openStore(server)
    const [folder = ''] = to.split('?')
    const found = []
    for await (const object of store.list(parseS3Address(`${folder}/files`)))
      if (object.size > MIB) found.push(object)
    const [file] = found
    if (file === undefined) throw new TypeError('no file of that size')
    await store.delete(file.address)
    const changed = patterned(6 * MIB)
    changed[3 * MIB] = (changed[3 * MIB] ?? 0) ^ 1
    await store.put(
      file.address,
      (async function* () {
        yield changed
      })(),
    )
    const other = await temporaryFolder()
    expect(await failureOf(importRegistry({ from: to, registry: { home: other } }))).toMatchObject({
      name: 'S3DownloadError',
      reason: 'checksum-mismatch',
    })
  })
})
