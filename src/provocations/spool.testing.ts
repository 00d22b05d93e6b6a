import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { mountMemory } from '../../test/support/mounted.js'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { nobodyAt } from '../client/faulty-server.testing.js'
import { failureOf, metadata, opened, type Provocation, save } from './provocation.testing.js'

/** A registry whose store is away: nothing listens where it should be. */
async function away(home: string, fallback: { folder: string; maxBytes?: number }) {
  const store = {
    bucket: 'models',
    region: 'us-east-1',
    endpoint: await nobodyAt(),
    forcePathStyle: true,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    retry: { attempts: 1 },
  }
  return opened({ home, store, fallback })
}

/** What a machine can meet that keeps files while the store is away. */
export const spoolProvocations: readonly Provocation[] = [
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'spool-full',
    how: 'a spool of 4 bytes',
    async provoke() {
      const home = await temporaryFolder()
      return failureOf(save(await away(home, { folder: join(home, 'spool'), maxBytes: 4 })))
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'disk-full',
    how: 'a spool on a disk of 64 kB',
    async provoke(skip) {
      const home = await temporaryFolder()
      const folder = join(home, 'spool')
      await mkdir(folder)
      const reason = mountMemory(folder, '64k')
      if (reason !== undefined) skip(reason)
      const { registry } = await away(home, { folder })
      return failureOf(registry.saveModel(new Uint8Array(1_000_000), metadata))
    },
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'pending-elsewhere',
    how: 'a load on another machine than the one that keeps the file',
    async provoke() {
      const home = await temporaryFolder()
      await save(await away(home, { folder: join(home, 'spool') }))
      const elsewhere = await away(home, { folder: join(home, 'another') })
      return failureOf(async () => (await elsewhere.registry.loadModel('btc-lstm', '1.0.0')).bytes())
    },
  },
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'pending-elsewhere',
    how: 'a deployment on another machine than the one that keeps the file',
    async provoke() {
      const home = await temporaryFolder()
      await save(await away(home, { folder: join(home, 'spool') }))
      const { registry } = await away(home, { folder: join(home, 'another') })
      return failureOf(registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' }))
    },
  },
]
