import type { TestProject } from 'vitest/node'
import { prepareBuckets } from './prepare-buckets.js'
import type { RunningS3Server, S3Server } from './s3-server.js'
import { startSeaweedfs } from './seaweedfs.js'
import { startVersitygw } from './versitygw.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The servers that run; those that this machine cannot bring are missing. */
    s3Servers: readonly S3Server[]
  }
}

/** Starts each S3 server that this machine has or can bring, once for all S3 tests, and says which are missing and why. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const tried = await Promise.allSettled([startVersitygw(), startSeaweedfs()])
  const running: RunningS3Server[] = []
  for (const one of tried) {
    if (one.status === 'fulfilled') running.push(one.value)
    else console.warn(`An S3 server is missing, and its tests are skipped. ${String(one.reason)}`)
  }
  const stop = async () => {
    await Promise.all(running.map((server) => server.stop()))
  }
  try {
    for (const server of running) await prepareBuckets(server)
    project.provide(
      's3Servers',
      running.map(({ name, endpoint }) => ({ name, endpoint })),
    )
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}
