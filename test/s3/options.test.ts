import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import { expect, it, onTestFinished, vi } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
import { S3ArtifactStore } from '../../src/adapters/artifacts/s3.js'
import { splitS3Address } from '../../src/domain/s3-address.js'
import { bytes, collect, inPieces, patterned, readAll } from '../../src/ports/testing/contract-bytes.js'
import { adminClient } from '../support/s3/admin-client.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { freshAddress } from '../support/s3/fresh-address.js'
import { openStore } from '../support/s3/open-store.js'
import { httpProxy } from '../support/s3/proxies.js'
import { ADMIN, BUCKET, REGION, VERSIONED_BUCKET } from '../support/s3/s3-server.js'

const MIB = 1024 ** 2
const known = { capabilities: AWS_CAPABILITIES } as const

describeEachServer('The options of a store', (server) => {
  it('can be one address, with credentials that the SDK finds in a profile', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelry-aws-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'credentials')
    const { accessKeyId, secretAccessKey } = ADMIN
    await writeFile(
      file,
      `[work]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\nregion=${REGION}\n`,
    )
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file)
    vi.stubEnv('AWS_CONFIG_FILE', file)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    const prefix = randomUUID()
    const query = new URLSearchParams({ endpoint: server.endpoint, forcePathStyle: 'true', profile: 'work' })
    const store = new S3ArtifactStore(`s3://${BUCKET}/${prefix}?${query}`)
    onTestFinished(() => store.close())
    const address = freshAddress(`${prefix}.bin`)
    await store.put(address, bytes('weights'))
    expect(Buffer.from(await readAll(await store.open(address))).toString()).toBe('weights')
    // The address lies outside of the prefix, which is where the store lists by itself.
    expect(await collect(store.list())).toEqual([])
  })

  it('go with every object, whether it is put in one request or in parts', async () => {
    const proxy = await httpProxy(server)
    // What these servers make of the headers is theirs; here it counts that they are sent.
    const said: Record<string, unknown>[] = []
    proxy.rule(({ method, headers, query }) => {
      if ((method === 'PUT' && !query.has('partNumber')) || query.has('uploads')) said.push(headers)
      return undefined
    })
    const store = openStore(proxy, {
      ...known,
      encryption: { is: 'sse-s3' },
      storageClass: 'STANDARD',
      tags: { team: 'ml ops', cost: '7' },
      requesterPays: true,
      transfer: { partBytes: 5 * MIB, threshold: 5 * MIB },
    })
    await store.put(freshAddress(), bytes('weights'))
    await store.put(freshAddress(), inPieces(patterned(6 * MIB), 65_536))
    expect(said).toHaveLength(2)
    for (const headers of said)
      expect(headers).toMatchObject({
        'x-amz-server-side-encryption': 'AES256',
        'x-amz-storage-class': 'STANDARD',
        'x-amz-tagging': 'team=ml+ops&cost=7',
        'x-amz-request-payer': 'requester',
      })
  })

  it('keep older versions behind a delete marker, unless they say otherwise', async () => {
    const address = freshAddress('model.bin', VERSIONED_BUCKET)
    const { bucket, key } = splitS3Address(address)
    const keeping = openStore(server, { ...known, bucket: VERSIONED_BUCKET })
    const removing = openStore(server, { ...known, bucket: VERSIONED_BUCKET, versions: 'remove' })
    await keeping.put(address, bytes('weights'))
    await keeping.delete(address)
    expect(await keeping.stat(address)).toBeUndefined()
    await keeping.put(address, bytes('again'))
    await removing.delete(address)
    await removing.delete(address)
    const admin = adminClient(server)
    const seen = await admin.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key }))
    expect({ versions: seen.Versions?.length, markers: seen.DeleteMarkers?.length }).toEqual({
      versions: 1,
      markers: 1,
    })
    admin.destroy()
  })
})
