import type { ConfigFile } from '../../config.js'

/**
 * Ports that nobody is given who asks for any: one that was free a moment ago may be another test's by now. Each store has
 * one of its own, since its circuit is of the whole process.
 */
let port = 900

/** A registry whose S3 store is away: nobody listens there. Two calls open its circuit. */
export function lostStore(): ConfigFile {
  return {
    store: {
      bucket: 'ml-models',
      endpoint: `http://127.0.0.1:${++port}`,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      retry: { attempts: 1 },
    },
    breaker: { minimumCalls: 2 },
  }
}
