import { ListMultipartUploadsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { adminClient } from '../support/s3/admin-client.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { openStore } from '../support/s3/open-store.js'
import { BUCKET, VERSIONED_BUCKET } from '../support/s3/s3-server.js'

describeEachServer('What a store can do', (server) => {
  it('is found out by doing it', async () => {
    expect(await openStore(server).capabilities()).toEqual({
      conditionalPut: true,
      conditionalComplete: true,
      checksum: 'crc32',
      multipart: true,
      equalParts: true,
    })
  })

  it('is found out without a trace, in a bucket that keeps versions too', async () => {
    const client = adminClient(server)
    for (const bucket of [BUCKET, VERSIONED_BUCKET]) {
      await openStore(server, { bucket, prefix: 'probed' }).check()
      const seen = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: 'probed/' }))
      expect([...(seen.Versions ?? []), ...(seen.DeleteMarkers ?? [])]).toEqual([])
      const uploads = await client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: 'probed/' }),
      )
      expect(uploads.Uploads ?? []).toEqual([])
    }
    client.destroy()
  })
})
