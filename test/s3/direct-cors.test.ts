import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateBucketCommand, PutBucketCorsCommand } from '@aws-sdk/client-s3'
import { expect, it } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
import { toS3Address } from '../../src/domain/s3-address.js'
import { adminClient } from '../support/s3/admin-client.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { openStore } from '../support/s3/open-store.js'

const page = join(import.meta.dirname, '..', '..', 'docs', 'direct-transfer.md')

describeEachServer('The CORS rules of docs/direct-transfer.md', (server) => {
  it('let a page of that origin send a part and see its ETag, and no other page', async () => {
    const text = await readFile(page, 'utf8')
    const CORSConfiguration = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '')
    const admin = adminClient(server)
    const Bucket = `cors-${randomUUID()}`
    await admin.send(new CreateBucketCommand({ Bucket }))
    await admin.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration }))
    const store = openStore(server, { bucket: Bucket, capabilities: AWS_CAPABILITIES })
    const upload = await store.direct.begin(toS3Address(Bucket, 'm/w.bin'), { size: 5 })
    if (upload?.is !== 'parts') throw new TypeError('it does not go in parts')
    const address = toS3Address(Bucket, 'm/w.bin')
    const [request] = await store.direct.signParts(address, upload.uploadId, [{ number: 1, size: 5 }])
    if (request === undefined) throw new TypeError('nothing was signed')
    const asking = (origin: string) =>
      fetch(request.url, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'content-type,x-amz-checksum-crc32',
        },
      })
    const allowed = await asking('https://models.example')
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://models.example')
    expect((await asking('https://elsewhere.example')).headers.get('access-control-allow-origin')).toBeNull()
    const put = await fetch(request.url, {
      method: 'PUT',
      headers: { ...request.headers, origin: 'https://models.example' },
      body: 'hello',
    })
    expect(put.headers.get('access-control-expose-headers')).toMatch(/\bETag\b/i)
    await store.direct.abort(address, upload.uploadId)
    admin.destroy()
  })
})
