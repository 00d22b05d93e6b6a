import { randomUUID } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { AWS_CAPABILITIES } from '../../src/adapters/artifacts/s3/capabilities.js'
import { splitS3Address } from '../../src/domain/s3-address.js'
import {
  createModelRegistry,
  type ModelRecord,
  type Registry,
  type RegistryOptions,
} from '../../src/index.js'
import { errorOf } from '../../src/recovery/testing/fix-clauses.js'
import { fromFile } from '../../src/sources/from-file.js'
import { adminClient } from '../support/s3/admin-client.js'
import { describeEachServer } from '../support/s3/each-server.js'
import { type Rule, s3Error } from '../support/s3/http-fault-proxy.js'
import { httpProxy } from '../support/s3/proxies.js'
import { type Row, recoveryPage } from '../support/s3/recovery-page.js'
import { ADMIN, BUCKET, REGION, type S3Server, VERSIONED_BUCKET } from '../support/s3/s3-server.js'
import { temporaryFile, temporaryFolder } from '../support/temporary-folder.js'

type Store = Exclude<NonNullable<RegistryOptions['store']>, string>

interface Failing {
  /** The call that fails, and succeeds when the failure is repaired. */
  readonly call: () => Promise<unknown>
  /** What happens outside before the repair is tried. */
  readonly meanwhile?: () => void | Promise<void>
}

interface Case extends Omit<Row, 'servers'> {
  readonly allow?: readonly string[]
  readonly notOn?: S3Server['name']
  readonly provoke: (server: S3Server, skip: (reason: string) => never) => Promise<Failing>
}

async function registryOn(
  { endpoint }: Pick<S3Server, 'endpoint'>,
  store: Partial<Store> = {},
  options: Partial<RegistryOptions> = {},
): Promise<Registry> {
  const registry = await createModelRegistry({
    home: await temporaryFolder(),
    ...options,
    store: {
      ...{ bucket: BUCKET, prefix: `fixed/${randomUUID()}`, endpoint, region: REGION, forcePathStyle: true },
      ...{ credentials: { ...ADMIN }, retry: { attempts: 1 }, capabilities: AWS_CAPABILITIES },
      ...store,
    },
  })
  onTestFinished(() => registry.close())
  return registry
}

const metadata = {
  ...{ modelId: 'btc-lstm', version: '1.0.0', modelType: 'lstm' as const },
  ...{ inputShape: [60, 5], outputShape: [1] },
}
const save = (registry: Registry) => registry.saveModel({ w: [1, 2, 3] }, metadata)
const read = async (registry: Registry) => (await registry.loadModel('btc-lstm', '1.0.0')).json()

/** A store that answers so until something happens outside. */
const answering =
  (rule: Rule, fails: (registry: Registry) => Promise<unknown>, options: Partial<RegistryOptions> = {}) =>
  async (server: S3Server): Promise<Failing> => {
    const proxy = await httpProxy(server)
    const registry = await registryOn(proxy, {}, options)
    if (fails === read) await save(registry)
    proxy.rule(rule)
    return { call: () => fails(registry), meanwhile: () => proxy.rule(() => undefined) }
  }

async function asAdmin(
  server: S3Server,
  { s3Path }: ModelRecord,
  work: (s3: ReturnType<typeof adminClient>, at: { Bucket: string; Key: string }) => Promise<unknown>,
): Promise<void> {
  const { bucket: Bucket, key: Key } = splitS3Address(s3Path)
  const s3 = adminClient(server)
  await work(s3, { Bucket, Key })
  s3.destroy()
}

const cases: readonly Case[] = [
  {
    code: 'S3_UNAVAILABLE',
    cause: 'breaker-open',
    how: 'three saves while the store answers 503, then it is back',
    fix: 'wait-for-store',
    async provoke(server) {
      const breaker = { minimumCalls: 2, cooldownMs: 1_000 }
      const rule: Rule = () => ({ answer: s3Error(503, 'ServiceUnavailable') })
      const failing = await answering(rule, save, { breaker })(server)
      for (let n = 0; n < 3; n++) await errorOf(failing.call)
      return failing
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'throttled',
    how: 'a store that asks for fewer requests and says for how long',
    fix: 'wait-for-store',
    provoke: answering(() => ({ answer: s3Error(503, 'SlowDown', { 'retry-after': '1' }) }), save),
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'store-fault',
    how: 'a store that fails for a while',
    fix: 'wait-for-store',
    provoke: answering(() => ({ answer: s3Error(500, 'InternalError') }), read),
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'credentials-expired',
    how: 'a session whose time is over, while there is a new one',
    fix: 'refresh-credentials',
    async provoke(server) {
      const proxy = await httpProxy(server)
      let keys = { accessKeyId: 'expired', secretAccessKey: 'expired' }
      proxy.rule(({ headers }) =>
        headers.authorization?.includes('Credential=expired/')
          ? { answer: s3Error(400, 'ExpiredToken') }
          : undefined,
      )
      const registry = await registryOn(proxy, { credentials: async () => keys })
      return {
        call: () => save(registry),
        meanwhile: () => {
          keys = { ...ADMIN }
        },
      }
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'unknown-access-key',
    how: 'a profile whose keys are written anew in the credentials file',
    fix: 'refresh-credentials',
    async provoke(server) {
      const file = join(await temporaryFolder(), 'credentials')
      const write = ({ accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string }) =>
        writeFile(
          file,
          `[training]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
        )
      await write({ accessKeyId: 'rotated', secretAccessKey: 'rotated' })
      vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file)
      onTestFinished(() => void vi.unstubAllEnvs())
      const query = new URLSearchParams({
        ...{ endpoint: server.endpoint, region: REGION, forcePathStyle: 'true', profile: 'training' },
      })
      const registry = await createModelRegistry({
        home: await temporaryFolder(),
        store: `s3://${BUCKET}/fixed/${randomUUID()}?${query}`,
      })
      onTestFinished(() => registry.close())
      return { call: () => save(registry), meanwhile: () => write(ADMIN) }
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'wrong-region',
    how: 'another region in the address than the store has',
    fix: 'follow-region',
    // It takes every region for its own.
    notOn: 'seaweedfs',
    async provoke(server) {
      const registry = await registryOn(server, { region: 'eu-west-1' })
      return { call: () => save(registry) }
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'host-not-found',
    how: 'a bucket in the host name, where only the endpoint itself has an address',
    fix: 'use-path-style',
    async provoke({ endpoint }, skip) {
      const bucketsResolve = await lookup(`${BUCKET}.localhost`).catch(() => undefined)
      if (bucketsResolve !== undefined) skip('this machine resolves every name below localhost')
      const named = endpoint.replace('127.0.0.1', 'localhost')
      const registry = await registryOn({ endpoint: named }, { forcePathStyle: false })
      return { call: () => save(registry) }
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'access-denied',
    how: 'a right that is missing and is given',
    fix: 'check-store',
    provoke: answering(() => ({ answer: s3Error(403, 'AccessDenied') }), save),
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'clock-skew',
    how: 'a clock of this machine that is an hour off, which the store’s own time corrects',
    fix: 'check-store',
    async provoke(server) {
      const registry = await registryOn(server)
      await save(registry)
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
      onTestFinished(() => void vi.useRealTimers())
      return { call: () => read(registry) }
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'upload-gone',
    how: 'an upload in parts that the store has forgotten',
    fix: 'end-uploads',
    async provoke(server) {
      const proxy = await httpProxy(server)
      const MIB = 1024 ** 2
      const registry = await registryOn(proxy, {
        transfer: { threshold: 5 * MIB, partBytes: 5 * MIB, parallelParts: 1 },
      })
      const file = await temporaryFile('weights.bin', Buffer.alloc(12 * MIB, 7))
      proxy.rule(({ query }) =>
        query.get('partNumber') === '2' ? { answer: s3Error(404, 'NoSuchUpload') } : undefined,
      )
      return {
        call: () => registry.saveModel(fromFile(file), metadata),
        meanwhile: () => proxy.rule(() => undefined),
      }
    },
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'checksum-mismatch',
    how: 'an object that somebody overwrote, and put back',
    fix: 'reread-file',
    async provoke(server) {
      const registry = await registryOn(server)
      const record = await save(registry)
      const good = JSON.stringify({ w: [1, 2, 3] })
      const put = (Body: string) =>
        asAdmin(server, record, (s3, at) => s3.send(new PutObjectCommand({ ...at, Body })))
      await put(good.replace('1', '9'))
      return { call: () => read(registry), meanwhile: () => put(good) }
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'bucket-missing',
    how: 'a bucket that is not there',
    fix: 'create-bucket',
    allow: ['create-bucket'],
    async provoke(server) {
      const registry = await registryOn(server, { bucket: `modelry-made-${randomUUID()}` })
      return { call: () => save(registry) }
    },
  },
  {
    code: 'S3_DOWNLOAD_FAILED',
    cause: 'delete-marker',
    how: 'an object that somebody deleted in a bucket that keeps versions',
    fix: 'remove-delete-marker',
    allow: ['remove-delete-marker'],
    async provoke(server) {
      const registry = await registryOn(server, { bucket: VERSIONED_BUCKET })
      const record = await save(registry)
      await asAdmin(server, record, (s3, at) => s3.send(new DeleteObjectCommand(at)))
      return { call: () => read(registry) }
    },
  },
]

describeEachServer('What is repaired', (server) => {
  const here = cases.filter(({ notOn }) => notOn !== server.name)
  it.for(here)('$code/$cause by $fix, after $how', async ({ code, cause, fix, allow, provoke }, { skip }) => {
    const { call, meanwhile } = await provoke(server, skip)
    const error = await errorOf(call)
    expect({ code: error.code, cause: error.reason.id }).toEqual({ code, cause })
    const plan = await error.planAutoFix()
    expect(plan).toMatchObject({ fix, applicability: allow === undefined ? 'safe' : 'needs-consent' })
    expect(plan.steps.length).toBeGreaterThan(0)
    expect(await error.attemptAutoFix({ timeoutMs: 0 })).toBe(false)
    if (allow !== undefined) {
      expect(await error.attemptAutoFix()).toBe(false)
      expect(error.lastFix).toMatchObject({ ended: 'needs-consent' })
      await expect(call()).rejects.toMatchObject({ reason: { id: cause } })
    }
    await meanwhile?.()
    const limits = { timeoutMs: 30_000, ...(allow === undefined ? {} : { allow }) }
    expect(await error.attemptAutoFix(limits), JSON.stringify(error.lastFix)).toBe(true)
    expect(error.lastFix).toMatchObject({ fix, ended: 'fixed' })
    expect(error.lastFix?.seen.length).toBeGreaterThan(0)
    await call()
    // Done twice it comes to the same.
    if (!call.toString().includes('saveModel') && code === 'S3_DOWNLOAD_FAILED')
      expect(await error.attemptAutoFix(limits)).toBe(true)
  })
})

describe.skipIf(inject('s3Servers').length < 2)('docs/recovery.md', () => {
  it('has a row for each of these and for each repair of the embedded stores', async () => {
    const servers = (notOn?: string) =>
      inject('s3Servers').flatMap(({ name }) => (name === notOn ? [] : [name]))
    const rows = cases.map(({ notOn, ...row }) => ({ ...row, servers: servers(notOn).toSorted() }))
    const { written, expected } = await recoveryPage(rows)
    expect(written).toBe(expected)
  })
})
