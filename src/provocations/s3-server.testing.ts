import { randomUUID } from 'node:crypto'
import { DeleteObjectCommand, PutObjectLegalHoldCommand, S3Client } from '@aws-sdk/client-s3'
import { onTestFinished, vi } from 'vitest'
import { type Rule, s3Error } from '../../test/support/s3/http-fault-proxy.js'
import { httpProxy } from '../../test/support/s3/proxies.js'
import {
  ADMIN,
  BUCKET,
  LOCKING_BUCKET,
  READER,
  REGION,
  type S3Server,
  VERSIONED_BUCKET,
} from '../../test/support/s3/s3-server.js'
import { AWS_CAPABILITIES } from '../adapters/artifacts/s3/capabilities.js'
import { splitS3Address } from '../domain/s3-address.js'
import type { ModelRecord, Registry, RegistryOptions } from '../index.js'
import { failureOf, opened, type Provocation, type Provoked, save } from './provocation.testing.js'

type Store = Exclude<NonNullable<RegistryOptions['store']>, string>

/** Needs a server of S3: test/s3/provocations.test.ts runs it on each that this machine can bring. */
export interface S3Provocation extends Pick<Provocation, 'code' | 'cause' | 'how'> {
  /** The servers that have no such failure. */
  readonly notOn?: readonly S3Server['name'][]
  readonly provoke: (server: S3Server) => Promise<Provoked>
}

async function registryOn(
  { endpoint }: Pick<S3Server, 'endpoint'>,
  store: Partial<Store> = {},
): Promise<Registry> {
  const { registry } = await opened({
    store: {
      bucket: BUCKET,
      prefix: `provoked/${randomUUID()}`,
      endpoint,
      region: REGION,
      forcePathStyle: true,
      credentials: { ...ADMIN },
      retry: { attempts: 1 },
      ...store,
    },
  })
  return registry
}

/** What a save meets in such a store. */
const saving = (cause: string, how: string, store: Partial<Store>): S3Provocation => ({
  code: 'S3_UPLOAD_FAILED',
  cause,
  how,
  provoke: async (server) => failureOf(save({ registry: await registryOn(server, store) })),
})

/** What a reader meets behind something that answers so in place of the store. */
const reading = (cause: string, how: string, rule: Rule): S3Provocation => ({
  code: 'S3_DOWNLOAD_FAILED',
  cause,
  how,
  async provoke(server) {
    const proxy = await httpProxy(server)
    const registry = await registryOn(proxy)
    await save({ registry })
    proxy.rule(rule)
    return failureOf((await registry.loadModel('btc-lstm', '1.0.0')).json())
  },
})

/** The same for a save. */
const writing = (cause: string, how: string, rule: Rule): S3Provocation => ({
  code: 'S3_UPLOAD_FAILED',
  cause,
  how,
  async provoke(server) {
    const proxy = await httpProxy(server)
    const registry = await registryOn(proxy, { capabilities: AWS_CAPABILITIES })
    proxy.rule(rule)
    return failureOf(save({ registry }))
  },
})

/** Does something behind the registry's back. */
async function asAdmin(
  server: S3Server,
  { s3Path }: ModelRecord,
  work: (s3: S3Client, at: { Bucket: string; Key: string }) => Promise<unknown>,
): Promise<void> {
  const { bucket, key } = splitS3Address(s3Path)
  const s3 = new S3Client({
    endpoint: server.endpoint,
    region: REGION,
    forcePathStyle: true,
    credentials: { ...ADMIN },
  })
  await work(s3, { Bucket: bucket, Key: key })
  s3.destroy()
}

export const s3Provocations: readonly S3Provocation[] = [
  saving('access-denied', 'a save by one who may only read', { credentials: { ...READER } }),
  saving('signature-mismatch', 'a wrong secret', { credentials: { ...ADMIN, secretAccessKey: 'wrong' } }),
  saving('unknown-access-key', 'a key that the store does not know', {
    credentials: { ...ADMIN, accessKeyId: 'who' },
  }),
  saving('bucket-missing', 'a bucket that is not there', { bucket: 'modelry-no-such-bucket' }),
  saving('too-large', 'a model that is larger than the limit', { limits: { single: 4, multipart: 4 } }),
  // SeaweedFS takes every region for its own.
  { ...saving('wrong-region', 'another region', { region: 'eu-west-1' }), notOn: ['seaweedfs'] },
  reading('throttled', 'a store that asks for fewer requests', () => ({ answer: s3Error(503, 'SlowDown') })),
  reading('credentials-expired', 'a session whose time is over', () => ({
    answer: s3Error(400, 'ExpiredToken'),
  })),
  reading('object-archived', 'an object in an archive', () => ({
    answer: s3Error(403, 'InvalidObjectState'),
  })),
  reading('not-implemented', 'a store that lacks a feature', () => ({
    answer: s3Error(501, 'NotImplemented'),
  })),
  writing('store-full', 'a store without room', () => ({ answer: s3Error(507, 'InsufficientStorage') })),
  writing('request-refused', 'a store that knows no such storage class', () => ({
    answer: s3Error(400, 'InvalidStorageClass'),
  })),
  reading('store-fault', 'a fault of the store', () => ({ answer: s3Error(500, 'InternalError') })),
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'clock-skew',
    how: 'a clock that is an hour off, before a store that does not tell its own',
    async provoke(server) {
      const proxy = await httpProxy(server)
      const registry = await registryOn(proxy)
      await save({ registry })
      proxy.rule(() => ({ rewrite: (headers) => Object.assign(headers, { date: undefined }) }))
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
      onTestFinished(() => {
        vi.useRealTimers()
      })
      return failureOf((await registry.loadModel('btc-lstm', '1.0.0')).json())
    },
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'delete-marker',
    how: 'an object that somebody deleted in a bucket that keeps versions',
    async provoke(server) {
      const registry = await registryOn(server, { bucket: VERSIONED_BUCKET })
      const record = await save({ registry })
      await asAdmin(server, record, (s3, at) => s3.send(new DeleteObjectCommand(at)))
      return failureOf((await registry.loadModel('btc-lstm', '1.0.0')).json())
    },
  },
  {
    code: 'S3_DELETE_FAILED',
    cause: 'object-locked',
    how: 'the deletion of a version whose object has a legal hold',
    async provoke(server) {
      const registry = await registryOn(server, { bucket: LOCKING_BUCKET, versions: 'remove' })
      const record = await save({ registry })
      const hold = (Status: 'ON' | 'OFF') =>
        asAdmin(server, record, (s3, at) =>
          s3.send(new PutObjectLegalHoldCommand({ ...at, LegalHold: { Status } })),
        )
      await hold('ON')
      onTestFinished(() => hold('OFF'))
      return failureOf(registry.deleteModel('btc-lstm', '1.0.0'))
    },
  },
]
