import { randomUUID } from 'node:crypto'
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { splitS3Address } from '../../src/domain/s3-address.js'
import { createModelRegistry } from '../../src/index.js'
import { registryContract } from '../../src/registry/registry.contract.js'
import { adminClient } from '../support/s3/admin-client.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { ADMIN, BUCKET, REGION } from '../support/s3/s3-server.js'
import { temporaryFolder } from '../support/temporary-folder.js'

describeEachServer('A registry', (server) => {
  registryContract('with its files in S3', async (settings) => {
    const prefix = `contract/${randomUUID()}`
    const registry = await createModelRegistry({
      ...settings,
      home: await temporaryFolder(),
      store: {
        bucket: BUCKET,
        prefix,
        endpoint: server.endpoint,
        region: REGION,
        forcePathStyle: true,
        credentials: ADMIN,
      },
    })
    const client = adminClient(server)
    const placeOf = (address: Parameters<typeof splitS3Address>[0]) => {
      const { bucket, key } = splitS3Address(address)
      return { Bucket: bucket, Key: key }
    }
    return {
      registry,
      chosenBelow: `s3://${BUCKET}/${prefix}`,
      givenBelow: `s3://${BUCKET}/given/${randomUUID()}`,
      async damage({ address }) {
        const object = await client.send(new GetObjectCommand(placeOf(address)))
        const bytes = await object.Body?.transformToByteArray()
        if (bytes === undefined) throw new TypeError(`there is nothing at ${address}`)
        bytes[0] = (bytes[0] ?? 0) ^ 1
        await client.send(new PutObjectCommand({ ...placeOf(address), Body: bytes }))
      },
      async remove({ address }) {
        await client.send(new DeleteObjectCommand(placeOf(address)))
      },
      async close() {
        await registry.close()
        client.destroy()
      },
    }
  })
})
