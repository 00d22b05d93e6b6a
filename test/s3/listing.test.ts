import { randomUUID } from 'node:crypto'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { parseS3Address } from '../../src/domain/s3-address.js'
import { collect } from '../../src/ports/testing/contract-bytes.js'
import { adminClient } from '../support/s3/admin-client.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { openStore } from '../support/s3/open-store.js'
import { BUCKET } from '../support/s3/s3-server.js'

/** One more than S3 puts on a page. */
const OBJECTS = 1_001

describeEachServer('A listing', (server) => {
  it('goes on beyond a page of 1,000 objects, each once', async () => {
    const folder = `listed-${randomUUID()}`
    const s3 = adminClient(server)
    const names = Array.from({ length: OBJECTS }, (_, n) => `${folder}/${String(n).padStart(4, '0')}`)
    const waiting = names.values()
    const worker = async () => {
      for (const Key of waiting) await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }))
    }
    await Promise.all(Array.from({ length: 16 }, worker))
    s3.destroy()
    const listed = await collect(openStore(server).list(parseS3Address(`s3://${BUCKET}/${folder}`)))
    expect(listed.map(({ address }) => String(address)).toSorted()).toEqual(
      names.map((key) => `s3://${BUCKET}/${key}`),
    )
  }, 60_000)
})
