import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { parseS3Address } from '../../src/domain/s3-address.js'
import { connectionRefused } from '../../src/errors/causes/network.js'
import {
  CircuitBreakerOpenError,
  InvalidS3PathError,
  S3DeleteError,
  S3Error,
} from '../../src/errors/index.js'
import { bytes } from '../../src/ports/testing/contract-bytes.js'
import { s3CircuitBreaker, s3Storage } from '../../src/s3/index.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { openStore } from '../support/s3/open-store.js'
import { ADMIN, BUCKET, NOBODY, REGION } from '../support/s3/s3-server.js'

describeEachServer('modelry/s3, by what the SDK finds in the environment', (server) => {
  const keys = (user: typeof ADMIN | typeof NOBODY) => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', user.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', user.secretAccessKey)
  }
  beforeEach(() => {
    vi.resetModules()
    vi.stubEnv('AWS_ENDPOINT_URL_S3', server.endpoint)
    vi.stubEnv('AWS_REGION', REGION)
    keys(ADMIN)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    s3CircuitBreaker.reset()
  })

  it('removes an object by its bucket and key, and one that is not there', async () => {
    const storage = (await import('../../src/s3/index.js')).s3Storage
    const key = `s3-storage/${randomUUID()}`
    const store = openStore(server)
    const address = parseS3Address(`s3://${BUCKET}/${key}`)
    await store.put(address, bytes('gone soon'))
    await storage.deleteModel({ bucket: BUCKET, key })
    await storage.deleteModel({ bucket: BUCKET, key })
    expect(await store.stat(address)).toBeUndefined()
  })

  it('says that it may not', async () => {
    const storage = (await import('../../src/s3/index.js')).s3Storage
    keys(NOBODY)
    const error = await storage.deleteModel({ bucket: BUCKET, key: 'a/b' }).catch((e) => e)
    expect(error).toBeInstanceOf(S3DeleteError)
    expect(error.reason.id).toBe('access-denied')
  })

  it('takes no empty key, with which a deletion would be that of the bucket', async () => {
    await expect(s3Storage.deleteModel({ bucket: BUCKET, key: '' })).rejects.toBeInstanceOf(
      InvalidS3PathError,
    )
  })

  it('is refused while the breaker is open, until it is reset', async () => {
    const { s3CircuitBreaker: breaker, s3Storage: storage } = await import('../../src/s3/index.js')
    const circuit = breaker.circuit({ endpoint: server.endpoint, bucket: BUCKET })
    const away = () => Promise.reject(new S3Error({ operation: 'stat' }, { reason: connectionRefused }))
    for (let n = 0; n < 10; n++) await circuit.run({ operation: 'Looking' }, away).catch(() => {})
    const refused = storage.deleteModel({ bucket: BUCKET, key: 'a/b' })
    await expect(refused).rejects.toBeInstanceOf(CircuitBreakerOpenError)
    breaker.reset()
    await storage.deleteModel({ bucket: BUCKET, key: 'a/b' })
  })
})
