import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
import { splitS3Address } from '../../src/domain/s3-address.js'
import { collect } from '../../src/ports/testing/contract-bytes.js'
import { adminClient } from '../support/s3/admin-client.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { freshAddress } from '../support/s3/fresh-address.js'
import { openStore } from '../support/s3/open-store.js'

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
})
