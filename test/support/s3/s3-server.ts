/** Who may do everything, who may only read, and who may do nothing. Every server that the tests start knows them. */
export const ADMIN = { accessKeyId: 'testkey', secretAccessKey: 'testsecret123' } as const
export const READER = { accessKeyId: 'rouser', secretAccessKey: 'rosecret123' } as const
export const NOBODY = { accessKeyId: 'nouser', secretAccessKey: 'nosecret123' } as const

export const REGION = 'us-east-1'

/** A bucket for each contract, whose clauses look at all uploads in it, while other tests go on beside them. */
export const CONTRACT_BUCKETS = {
  plain: 'modelry-contract-plain',
  guarded: 'modelry-contract-guarded',
} as const

/** The bucket of the tests, and one in which the store keeps every version of an object. */
export const BUCKET = 'modelry-tests'
export const VERSIONED_BUCKET = 'modelry-versioned'
/** A bucket in which objects can be locked. */
export const LOCKING_BUCKET = 'modelry-locking'

/** An S3 server that runs on this machine for the tests. Plain data, since vitest hands it to its workers. */
export interface S3Server {
  readonly name: 'versitygw' | 'seaweedfs'
  readonly endpoint: string
}

export interface RunningS3Server extends S3Server {
  stop(): Promise<void>
}

/** It answers, whatever it says. */
export async function answers(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  await response.body?.cancel()
}
