import { describe, expect, it } from 'vitest'
import { parseS3Address } from '../domain/s3-address.js'
import { failureOf } from '../ports/testing/contract-bytes.js'
import { AWS_CAPABILITIES } from './artifacts/s3/capabilities.js'
import { S3ArtifactStore } from './artifacts/s3.js'
import { S3CircuitBreaker } from './circuit-breaker.js'
import { withCircuitBreaker } from './circuit-breaker-store.js'

const address = parseS3Address('s3://models/m/w.bin')
const answer = { mediaType: 'application/octet-stream', disposition: 'attachment' }

/** A store that nobody listens at. */
function away() {
  const store = new S3ArtifactStore({
    bucket: 'models',
    endpoint: 'http://127.0.0.1:9',
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    capabilities: AWS_CAPABILITIES,
    retry: { attempts: 1 },
  })
  const breaker = new S3CircuitBreaker({ minimumCalls: 3 })
  const { direct } = withCircuitBreaker(store, breaker, { bucket: 'models' })
  if (direct === undefined) throw new TypeError('the breaker does not let direct transfer through')
  return direct
}

describe('direct transfer behind a breaker', () => {
  it('counts what it asks of the store, and is refused once the circuit is open', async () => {
    const direct = away()
    for (let call = 0; call < 3; call++)
      expect(await failureOf(direct.begin(address, { size: 10 }))).toMatchObject({
        name: 'S3UploadError',
        reason: 'connection-refused',
      })
    for (const refused of [
      direct.begin(address, { size: 10 }),
      direct.complete(address, 'u', [{ number: 1, etag: 'e' }]),
      direct.proofOf(address),
    ])
      expect(await failureOf(refused)).toMatchObject({ name: 'CircuitBreakerOpenError' })
  })

  it('signs no reading of a store that is away, so that whoever asks hears of it', async () => {
    const direct = away()
    expect(await direct.signRead(address, answer)).toMatchObject({ method: 'GET', headers: {} })
    for (let call = 0; call < 3; call++) await failureOf(direct.begin(address, { size: 10 }))
    expect(await direct.signRead(address, answer)).toBeUndefined()
  })
})
