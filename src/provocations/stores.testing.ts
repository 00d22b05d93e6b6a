import { access, chmod, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { asOtherUser } from '../../test/support/as-other-user.js'
import { eventually } from '../../test/support/eventually.js'
import { mountMemory, remountReadOnly } from '../../test/support/mounted.js'
import { temporaryFolder } from '../../test/support/temporary-folder.js'
import { fromParts, fromStored } from '../index.js'
import {
  failureOf,
  metadata,
  type Opened,
  opened,
  type Provocation,
  placeOf,
  save,
} from './provocation.testing.js'

const at = (s3Path: string) => ({ s3Path })
const addressOf = async (subject: Opened) => (await save(subject)).files[0]?.address ?? ''
const load = async ({ registry }: Opened) => (await registry.loadModel('btc-lstm', '1.0.0')).bytes()

/** What another program does to the database. */
function changeByHand({ home }: Opened, sql: string): void {
  const database = new DatabaseSync(join(home, 'registry.db'))
  database.exec('pragma foreign_keys = off')
  database.exec(sql)
  database.close()
}

/** A registry whose folder is on a file system of its own. */
async function onOwnDisk(
  size: string,
  skip: (reason: string) => never,
): Promise<{ subject: Opened; disk: string }> {
  const home = await temporaryFolder()
  const disk = join(home, 'artifacts')
  await mkdir(disk)
  const reason = mountMemory(disk, size)
  if (reason !== undefined) skip(reason)
  return { subject: await opened({ home }), disk }
}

/** What a folder as the store can meet. */
export const folderProvocations: readonly Provocation[] = [
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'object-exists',
    how: 'an s3Path that is taken',
    async provoke() {
      const subject = await opened()
      await save(subject, at('s3://models/a.json'))
      return failureOf(save(subject, { version: '1.1.0', ...at('s3://models/a.json') }))
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'path-blocked',
    how: 'an s3Path below an object',
    async provoke() {
      const subject = await opened()
      await save(subject, at('s3://models/a'))
      return failureOf(save(subject, { version: '1.1.0', ...at('s3://models/a/b') }))
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'source-failed',
    how: 'a stream that breaks',
    async provoke() {
      const { registry } = await opened()
      async function* breaking() {
        yield new Uint8Array(10)
        throw new Error('the sensor is gone')
      }
      return failureOf(registry.saveModel(breaking(), metadata))
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'aborted',
    how: 'a save that the caller ends',
    async provoke() {
      const { registry } = await opened()
      return failureOf(registry.saveModel({}, metadata, { signal: AbortSignal.abort() }))
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'object-missing',
    how: 'an object to register that is not there',
    async provoke() {
      const { registry } = await opened()
      return failureOf(registry.saveModel(fromStored('s3://models/nothing.bin'), metadata))
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'object-underway',
    how: 'an object to register that belongs to a save under way',
    async provoke() {
      const { registry, home } = await opened()
      const go = Promise.withResolvers<void>()
      async function* slowly() {
        await go.promise
        yield new Uint8Array(1)
      }
      const parts = fromParts({ 'a.json': { first: true }, 'b.bin': slowly() })
      const first = registry.saveModel(parts, { ...metadata, ...at('s3://models/two') })
      await eventually(() => access(placeOf({ home }, 's3://models/two/a.json')))
      const failure = await failureOf(
        registry.saveModel(fromStored('s3://models/two/a.json'), { ...metadata, version: '1.1.0' }),
      )
      go.resolve()
      await first
      return failure
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'disk-full',
    how: 'a disk of 64 kB',
    async provoke(skip) {
      const { subject } = await onOwnDisk('64k', skip)
      return failureOf(subject.registry.saveModel(new Uint8Array(1_000_000), metadata))
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'fs-read-only',
    how: 'a disk that is mounted read-only',
    async provoke(skip) {
      const { subject, disk } = await onOwnDisk('1m', skip)
      await save(subject, { version: '0.9.0' })
      const reason = remountReadOnly(disk)
      if (reason !== undefined) skip(reason)
      return failureOf(save(subject))
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'fs-permission',
    how: 'a folder that may not be written',
    async provoke() {
      const subject = await opened()
      await save(subject, { version: '0.9.0' })
      await chmod(subject.home, 0o755)
      const folder = join(subject.home, 'artifacts')
      await chmod(folder, 0o555)
      const bucket = join(folder, 'models')
      await chmod(bucket, 0o555)
      return asOtherUser(() => failureOf(save(subject, at('s3://models/elsewhere/a.json')))).finally(
        async () => {
          await chmod(folder, 0o755)
          await chmod(bucket, 0o755)
        },
      )
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'symlink-refused',
    how: 'a link in the place of a folder',
    async provoke() {
      const subject = await opened()
      await save(subject, at('s3://models/real/a.json'))
      await symlink(join(subject.home, 'artifacts/models/real'), join(subject.home, 'artifacts/models/link'))
      return failureOf(save(subject, { version: '1.1.0', ...at('s3://models/link/b.json') }))
    },
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'object-missing',
    how: 'an object that somebody removed',
    async provoke() {
      const subject = await opened()
      await rm(placeOf(subject, await addressOf(subject)))
      return failureOf(load(subject))
    },
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'length-mismatch',
    how: 'an object that somebody cut',
    async provoke() {
      const subject = await opened()
      await truncate(placeOf(subject, await addressOf(subject)), 3)
      return failureOf(load(subject))
    },
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'checksum-mismatch',
    how: 'an object that somebody changed',
    async provoke() {
      const subject = await opened()
      const place = placeOf(subject, await addressOf(subject))
      await writeFile(place, Buffer.from(await readFile(place)).fill(120))
      return failureOf(load(subject))
    },
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'invalid-range',
    how: 'a range behind the end of a file',
    async provoke() {
      const subject = await opened()
      await save(subject)
      const model = await subject.registry.loadModel('btc-lstm', '1.0.0')
      return failureOf(async () => {
        for await (const _ of model.stream('model.json', { range: { start: 1_000_000 } }));
      })
    },
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'folder-missing',
    how: 'a folder of the store that is gone',
    async provoke() {
      const subject = await opened()
      await save(subject)
      await rename(join(subject.home, 'artifacts'), join(subject.home, 'moved'))
      return failureOf(load(subject))
    },
  },
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'files-missing',
    how: 'a version without its file is deployed',
    async provoke() {
      const subject = await opened()
      await rm(placeOf(subject, await addressOf(subject)))
      return failureOf(subject.registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' }))
    },
  },
  {
    code: 'S3_DELETE_FAILED',
    cause: 'symlink-refused',
    how: 'a link in the place of the folder of a version',
    async provoke() {
      const subject = await opened()
      const folder = dirname(placeOf(subject, await addressOf(subject)))
      await rename(folder, `${folder}.moved`)
      await symlink(`${folder}.moved`, folder)
      return failureOf(subject.registry.deleteModel('btc-lstm', '1.0.0'))
    },
  },
  {
    code: 'S3_ERROR',
    cause: 'path-blocked',
    how: 'a file in the place of the folder of the store',
    async provoke() {
      const subject = await opened()
      await save(subject)
      await rm(join(subject.home, 'artifacts'), { recursive: true })
      await writeFile(join(subject.home, 'artifacts'), '')
      return failureOf(async () => {
        for await (const _ of subject.registry.scan());
      })
    },
  },
]

/** What SQLite can meet. */
export const databaseProvocations: readonly Provocation[] = [
  {
    code: 'DATABASE_ERROR',
    cause: 'sqlite-not-a-database',
    how: 'a file that is something else',
    async provoke() {
      const home = await temporaryFolder()
      await writeFile(join(home, 'registry.db'), 'x'.repeat(10_000))
      return failureOf(opened({ home }))
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'sqlite-cannot-open',
    how: 'a folder in the place of the file',
    async provoke() {
      const home = await temporaryFolder()
      await mkdir(join(home, 'registry.db'))
      return failureOf(opened({ home }))
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'sqlite-corrupt',
    how: 'pages that somebody overwrote',
    async provoke() {
      const subject = await opened()
      await save(subject)
      await subject.registry.close()
      const file = join(subject.home, 'registry.db')
      const bytes = await readFile(file)
      await writeFile(file, bytes.fill(0x5a, 4_096))
      return failureOf(async () => {
        const again = await opened({ home: subject.home })
        await again.registry.listModels()
      })
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'database-file-gone',
    how: 'a file that somebody removed while it was open',
    async provoke() {
      const subject = await opened()
      await rm(join(subject.home, 'registry.db'))
      return failureOf(subject.registry.deleteModel('m', '1.0.0'))
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'schema-newer',
    how: 'a database that a later version made',
    async provoke() {
      const subject = await opened()
      await subject.registry.close()
      changeByHand(subject, "insert into schema_migrations values (9999, 'later', 'x', 0, null)")
      return failureOf(opened({ home: subject.home }))
    },
  },
  {
    code: 'DEPLOYMENT_FAILED',
    cause: 'transaction-failed',
    how: 'a database that fails during the deployment',
    async provoke() {
      const subject = await opened()
      await save(subject)
      changeByHand(subject, 'drop table deployments')
      return failureOf(subject.registry.deployModel('btc-lstm', '1.0.0', { environment: 'production' }))
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'sqlite-full',
    how: 'a database on a disk of 512 kB',
    async provoke(skip) {
      const home = await temporaryFolder()
      const reason = mountMemory(home, '512k')
      if (reason !== undefined) skip(reason)
      const { registry } = await opened({ home, store: `file:${await temporaryFolder()}` })
      const large = (version: number) =>
        save({ registry }, { version: `${version}.0.0`, hyperparameters: { large: 'x'.repeat(60_000) } })
      return failureOf(async () => {
        for (let version = 1; version < 100; version++) await large(version)
      })
    },
  },
  {
    code: 'DATABASE_ERROR',
    cause: 'store-closed',
    how: 'a call after close',
    async provoke() {
      const { registry } = await opened()
      await registry.close()
      return failureOf(registry.getModelVersions('btc-lstm'))
    },
  },
]
