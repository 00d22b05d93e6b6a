import { randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { expect, it, onTestFinished } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
import { splitS3Address } from '../../src/domain/s3-address.js'
import { collect, failureOf, patterned } from '../../src/ports/testing/contract-bytes.js'
import { fromFile } from '../../src/sources/from-file.js'
import { eventually } from '../support/eventually.js'
import { adminClient } from '../support/s3/admin-client.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { freshAddress } from '../support/s3/fresh-address.js'
import { s3Error } from '../support/s3/http-fault-proxy.js'
import { openStore } from '../support/s3/open-store.js'
import { httpProxy } from '../support/s3/proxies.js'
import { engineOn } from '../support/s3/registry-on.js'
import { temporaryFile, temporaryFolder } from '../support/temporary-folder.js'

const MIB = 1024 ** 2
const nothing = { at: '', bytes: 0, touchedAt: '', underway: false }

describeEachServer('Unfinished uploads', (server) => {
  it('that a crash left are listed with what had arrived of them, and nothing of other prefixes is', async () => {
    const admin = adminClient(server)
    const [address, other] = [freshAddress(), freshAddress()]
    const begun = await Promise.all(
      [address, other].map(async (at) => {
        const { bucket: Bucket, key: Key } = splitS3Address(at)
        const { UploadId } = await admin.send(new CreateMultipartUploadCommand({ Bucket, Key }))
        return { Bucket, Key, UploadId }
      }),
    )
    const [first] = begun
    if (first === undefined) throw new TypeError('nothing was begun')
    for (const PartNumber of [1, 2])
      await admin.send(
        new UploadPartCommand({ ...first, PartNumber, Body: Buffer.alloc(1_000 * PartNumber) }),
      )
    const prefix = first.Key.split('/', 1).join('')
    const store = openStore(server, { capabilities: AWS_CAPABILITIES, prefix })
    expect(await collect(store.listUnfinished())).toEqual([
      {
        at: `${address}?uploadId=${first.UploadId}`,
        address,
        size: 3_000,
        touchedAt: expect.any(Date),
      },
    ])
    for (const one of begun) await admin.send(new AbortMultipartUploadCommand(one))
    expect(await collect(store.listUnfinished())).toEqual([])
    admin.destroy()
  })

  it('beyond a thousand are all listed, each once', async () => {
    const admin = adminClient(server)
    const address = freshAddress()
    const { bucket: Bucket, key: Key } = splitS3Address(address)
    const waiting = Array.from({ length: 1_050 }).keys()
    const begun: { Bucket: string; Key: string; UploadId: string | undefined }[] = []
    const worker = async () => {
      for (const i of waiting) {
        // Three for each key, so that pages end between the uploads of one.
        const at = { Bucket, Key: `${Key}-${i % 350}` }
        const { UploadId } = await admin.send(new CreateMultipartUploadCommand(at))
        begun.push({ ...at, UploadId })
      }
    }
    await Promise.all(Array.from({ length: 16 }, worker))
    const store = openStore(server, { capabilities: AWS_CAPABILITIES, prefix: Key.split('/', 1).join('') })
    const listed = (await collect(store.listUnfinished())).map(({ at }) => at).sort()
    expect(listed).toEqual(
      begun.map(({ Key: key, UploadId }) => `s3://${Bucket}/${key}?uploadId=${UploadId}`).sort(),
    )
    const left = begun.values()
    const ending = async () => {
      for (const one of left) await admin.send(new AbortMultipartUploadCommand(one))
    }
    await Promise.all(Array.from({ length: 16 }, ending))
    admin.destroy()
  }, 120_000)

  it('are shown with the version that they belong to, and ended only where no save has them', async () => {
    const home = await temporaryFolder()
    const file = await temporaryFile('weights.bin', patterned(12 * MIB))
    const proxy = await httpProxy(server)
    const store = openStore(proxy, {
      ...{ capabilities: AWS_CAPABILITIES, retry: { attempts: 1 } },
      ...{ transfer: { threshold: 5 * MIB, partBytes: 5 * MIB, parallelParts: 1 } },
    })
    const engine = await engineOn(store, home)
    onTestFinished(() => engine.registry.close())
    const metadata = {
      ...{ modelId: `held-${randomUUID()}`, version: '1.0.0', modelType: 'lstm' as const },
      ...{ inputShape: [1], outputShape: [1] },
    }

    const { modelId } = metadata
    // The bucket is that of other tests too.
    const open = async () => (await collect(engine.uploads())).filter((one) => one.modelId === modelId)
    const [reached, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    async function* stream() {
      for (let n = 0; n < 11; n++) yield patterned(MIB)
      reached.resolve()
      await held.promise
    }
    const saving = engine.registry.saveModel(stream(), metadata)
    await reached.promise
    const living = await eventually(async () => {
      const [one] = await open()
      expect(one).toMatchObject({ version: '1.0.0', underway: true })
      return one ?? nothing
    })
    expect(await engine.endUpload(living)).toBe('in-use')
    held.resolve()
    await saving

    proxy.rule(({ query }) =>
      query.get('partNumber') === '2' ? { answer: s3Error(503, 'ServiceUnavailable') } : undefined,
    )
    await failureOf(engine.registry.saveModel(fromFile(file), { ...metadata, version: '2.0.0' }))
    const [broken = nothing, ...others] = await open()
    expect(broken).toMatchObject({ version: '2.0.0', underway: false, bytes: 5 * MIB })
    expect(others).toEqual([])
    expect(await engine.endUpload(broken)).toBe('ended')
    expect(await engine.endUpload(broken)).toBe('gone')
    expect(await open()).toEqual([])
  })
})
