/** `modelry/s3`: the storage and the circuit breaker by themselves, for programs that use them without a registry. */
import { S3ArtifactStore } from '../adapters/artifacts/s3.js'
import { s3CircuitBreaker } from '../adapters/circuit-breaker.js'
import { withCircuitBreaker } from '../adapters/circuit-breaker-store.js'
import { requirePackage } from '../adapters/require-package.js'
import { toS3Address } from '../domain/s3-address.js'
import type { ArtifactStore } from '../ports/artifact-store.js'

export { type CircuitChange, S3CircuitBreaker, s3CircuitBreaker } from '../adapters/circuit-breaker.js'
export type { CircuitStats } from '../adapters/circuit-breaker-circuit.js'

/** Where an object lies. */
export interface ModelLocation {
  readonly bucket: string
  readonly key: string
}

/**
 * Objects of S3 by bucket and key, behind `s3CircuitBreaker`. Region, endpoint and credentials are what the AWS SDK finds:
 * `AWS_REGION`, `AWS_ENDPOINT_URL_S3`, profiles and roles. `@aws-sdk/client-s3` is loaded by the first call.
 */
export const s3Storage = {
  /**
   * Removes an object; in a versioned bucket it leaves a delete marker. One that is not there is no error. An object that
   * belongs to a version of a registry is removed by `deleteModel(modelId, version)` of that registry instead.
   *
   * @throws S3DeleteError when the store does not remove it.
   * @throws CircuitBreakerOpenError when the store was away too often; nothing is sent then.
   * @throws InvalidS3PathError when bucket or key cannot be part of an address.
   * @throws ModelValidationError when `@aws-sdk/client-s3` is not installed.
   */
  async deleteModel({ bucket, key }: ModelLocation): Promise<void> {
    const address = toS3Address(bucket, key)
    await storeOf(bucket).delete(address)
  },
}

const stores = new Map<string, ArtifactStore>()

function storeOf(bucket: string): ArtifactStore {
  const known = stores.get(bucket)
  if (known !== undefined) return known
  requirePackage('@aws-sdk/client-s3', 's3Storage')
  const store = withCircuitBreaker(new S3ArtifactStore({ bucket }), s3CircuitBreaker, { bucket })
  stores.set(bucket, store)
  return store
}
