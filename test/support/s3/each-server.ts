import { describe, inject } from 'vitest'
import type { S3Server } from './s3-server.js'

const NAMES = ['versitygw', 'seaweedfs'] as const

/** The suite once for each S3 server; skipped where this machine cannot bring it. */
export function describeEachServer(title: string, suite: (server: S3Server) => void): void {
  const running = inject('s3Servers')
  for (const name of NAMES) {
    const server = running.find((one) => one.name === name)
    describe.skipIf(server === undefined)(`${title} on ${name}`, () => {
      // The tests of a skipped suite are counted, and nothing in it runs.
      suite(server ?? { name, endpoint: 'http://127.0.0.1:9' })
    })
  }
}
