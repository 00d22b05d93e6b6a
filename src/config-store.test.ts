import { describe, expect, it } from 'vitest'
import { loadConfig, type StoreConfig, shownStore, storeAddress } from './config.js'
import type { StoreInput } from './config-store.js'
import { ModelValidationError } from './errors/model-validation-failed/error.js'

const cwd = import.meta.dirname
const load = async (store: StoreInput, env: Record<string, string> = {}) =>
  (await loadConfig({ env, cwd, program: { store } })).config

async function problemsOf(store: StoreInput, env: Record<string, string> = {}) {
  const error = await load(store, env).catch((caught: unknown) => caught)
  if (!(error instanceof ModelValidationError)) throw new Error('The store was taken.')
  return error.context.validationErrors
}

describe('a store in S3', () => {
  it('is one address, whose bucket is that of the addresses which the registry chooses', async () => {
    const config = await load('s3://ml-models/team/a?region=eu-central-1&endpoint=http://127.0.0.1:9000')
    expect(config.store).toEqual({
      is: 's3',
      bucket: 'ml-models',
      prefix: 'team/a',
      region: 'eu-central-1',
      endpoint: 'http://127.0.0.1:9000',
    })
    expect(config.bucket).toBe('ml-models')
  })

  it('is an object for what an address has no place for', async () => {
    const credentials = async () => ({ accessKeyId: 'a', secretAccessKey: 'b' })
    const { store } = await load({ bucket: 'ml-models', credentials, limits: { single: 5 } })
    expect(store).toEqual({ is: 's3', bucket: 'ml-models', credentials, limits: { single: 5 } })
  })

  it('wins as a whole over a store that is given further away', async () => {
    const env = { MODELRY_STORE: 'file:./elsewhere' }
    expect((await load({ bucket: 'ml-models' }, env)).store).toEqual({ is: 's3', bucket: 'ml-models' })
  })

  it('is refused with every problem, each at its place', async () => {
    const wrong = { bucket: 'ml-models', endpoint: 'minio:9000', retry: { attempts: 0 }, regoin: 'x' }
    expect(await problemsOf(wrong)).toMatchObject([
      { path: 'store.endpoint' },
      { path: 'store.retry.attempts', allowed: 'at least 1' },
      { path: 'store.regoin', message: expect.stringContaining('did you mean region?') },
    ])
    expect(await problemsOf({ bucket: 'M' })).toMatchObject([{ path: 'store.bucket', found: '"M"' }])
    expect(await problemsOf({ bucket: 'ml-models', prefix: 'a//b' })).toMatchObject([
      { path: 'store.prefix' },
    ])
    expect(await problemsOf('s3://ml-models?region=')).toMatchObject([
      { path: 'store', allowed: expect.stringContaining('its setting region is empty') },
    ])
  })

  it('does not go with another bucket for chosen addresses', async () => {
    expect(await problemsOf('s3://ml-models', { MODELRY_BUCKET: 'other' })).toMatchObject([
      { path: 'MODELRY_BUCKET', found: '"other"' },
    ])
  })

  it('never shows credentials, wherever they were put', async () => {
    const wrong = { bucket: 'ml-models', credentials: { accessKeyId: 5, secretAccessKey: 'hunter2' } }
    const shown = [
      // @ts-expect-error: what a program without types may pass
      await problemsOf(wrong),
      await problemsOf('s3://key:hunter2@ml-models'),
      shownStore({ is: 's3', bucket: 'b', credentials: { accessKeyId: 'a', secretAccessKey: 'hunter2' } }),
      storeAddress({ is: 's3', bucket: 'b', endpoint: 'http://user:hunter2@h' }),
    ]
    expect(JSON.stringify(shown)).not.toContain('hunter2')
  })
})

describe('storeAddress', () => {
  it.each([
    's3://ml-models',
    's3://ml-models/a/b?region=eu-central-1&endpoint=http://127.0.0.1:9000&forcePathStyle=true',
    's3://ml-models?profile=work&roleArn=arn:aws:iam::1:role/m&externalId=x&sse=aws:kms&kmsKeyId=k',
    's3://ml-models?sse=AES256&storageClass=STANDARD_IA&tags=a%3Db%26c%3Dd&requestPayer=requester',
    's3://ml-models?expectedBucketOwner=123456789012&versions=remove',
  ])('gives %s back as it was written', async (address) => {
    const { store } = await load(address)
    expect(await load(storeAddress(store))).toMatchObject({ store })
    expect(storeAddress(store)).toBe(address)
  })

  it('is what shownStore shows, with the options that it has no place for', () => {
    const store: StoreConfig = { is: 's3', bucket: 'b', limits: { single: 5 }, retry: { attempts: 2 } }
    expect(shownStore({ is: 's3', bucket: 'b' })).toBe('s3://b')
    expect(shownStore(store)).toEqual({ address: 's3://b?singleLimit=5', retry: { attempts: 2 } })
    expect(shownStore({ is: 'file', root: '/srv/models' })).toBe('file:/srv/models')
  })
})
