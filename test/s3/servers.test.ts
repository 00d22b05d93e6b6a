import { ListBucketsCommand } from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { adminClient } from '../support/s3/admin-client.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { BUCKET, VERSIONED_BUCKET } from '../support/s3/s3-server.js'

describeEachServer('The server of the tests', (server) => {
  it('runs on this machine alone and has the buckets', async () => {
    expect(new URL(server.endpoint).hostname).toBe('127.0.0.1')
    const client = adminClient(server)
    const { Buckets = [] } = await client.send(new ListBucketsCommand())
    client.destroy()
    expect(Buckets.map(({ Name }) => Name)).toEqual(expect.arrayContaining([BUCKET, VERSIONED_BUCKET]))
  })
})
