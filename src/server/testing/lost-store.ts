import { createServer } from 'node:net'
import type { ConfigFile } from '../../config.js'

/** A registry whose S3 store is away: nobody listens there. Two calls open its circuit. */
export async function lostStore(): Promise<ConfigFile> {
  return {
    store: {
      bucket: 'ml-models',
      endpoint: `http://127.0.0.1:${await closedPort()}`,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      retry: { attempts: 1 },
    },
    breaker: { minimumCalls: 2 },
  }
}

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new TypeError('the server listens on no port')
  return address.port
}
