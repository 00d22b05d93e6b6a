import { onTestFinished } from 'vitest'
import type { S3StoreOptions } from '../../../src/adapters/artifacts/s3/options.js'
import { S3ArtifactStore } from '../../../src/adapters/artifacts/s3.js'
import { ADMIN, BUCKET, REGION, type S3Server } from './s3-server.js'

/** Waits of a few milliseconds: the tests are about what happens, and not about when. */
const QUICK = { baseMs: 5, throttledBaseMs: 10, capMs: 50 }

/** A store on one of the test servers, or on a proxy before it; closed when the test has finished. */
export function openStore(
  { endpoint }: Pick<S3Server, 'endpoint'>,
  options: Partial<S3StoreOptions> = {},
): S3ArtifactStore {
  const store = new S3ArtifactStore({
    bucket: BUCKET,
    endpoint,
    region: REGION,
    forcePathStyle: true,
    credentials: ADMIN,
    ...options,
    retry: { ...QUICK, ...options.retry },
  })
  onTestFinished(() => store.close())
  return store
}
