import { describe, expect, it } from 'vitest'
import { metadata, saved } from '../testing/saved.js'
import { send } from '../testing/send.js'
import { served } from '../testing/served.js'

const begin = (url: string, json: unknown = { metadata, files: ['w.bin'] }) =>
  send(url, '/api/saves', { method: 'POST', json })

describe('a save in steps', () => {
  it('becomes visible when it is published, and not before', async () => {
    const { url } = await served()
    const begun = await begin(url)
    expect(begun.status).toBe(201)
    const { saveId, leaseMs, s3Path } = begun.json()
    expect(begun.headers.location).toBe(`/api/saves/${saveId}`)
    expect(leaseMs).toBeGreaterThan(0)
    await send(url, `/api/saves/${saveId}/files/w.bin`, { method: 'PUT', body: 'abc' })
    expect((await send(url, '/api/models/btc-lstm/versions/1.0.0')).status).toBe(404)
    const published = await send(url, `/api/saves/${saveId}/publish`, { method: 'POST' })
    expect(published.status).toBe(201)
    expect(published.headers.location).toBe('/api/models/btc-lstm/versions/1.0.0')
    expect(published.json()).toMatchObject({ version: '1.0.0', s3Path, size: 3 })
    const again = await send(url, `/api/saves/${saveId}/publish`, { method: 'POST' })
    expect(again.json()).toEqual(published.json())
  })

  it('reports every problem of the metadata at once, at its own path', async () => {
    const { url } = await served()
    const answer = await begin(url, {
      metadata: { ...metadata, version: 'v1', modelType: 'LSTM', accuracy: 93, colour: 'red' },
      files: ['w.bin'],
    })
    expect(answer.status).toBe(422)
    const paths = answer.json().context.validationErrors.map(({ path }: { path: string }) => path)
    expect(paths.sort()).toEqual(['accuracy', 'colour', 'modelType', 'version'])
  })

  it('refuses an address that is none', async () => {
    const { url } = await served()
    const answer = await begin(url, { metadata: { ...metadata, s3Path: 'up/../here' }, files: ['w.bin'] })
    expect(answer.status).toBe(422)
    expect(answer.json().code).toBe('INVALID_S3_PATH')
  })

  it('refuses a version that is being saved or exists', async () => {
    const { url } = await served()
    await begin(url)
    const second = await begin(url)
    expect(second.status).toBe(409)
    expect(second.json()).toMatchObject({
      code: 'DUPLICATE_MODEL',
      cause: 'save-in-progress',
      retry: { advice: 'safe' },
    })
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(0)
    await saved(url, undefined, { version: '2.0.0' })
    const third = await begin(url, { metadata: { ...metadata, version: '2.0.0' }, files: ['w.bin'] })
    expect(third.json()).toMatchObject({ cause: 'version-exists', context: { nextVersion: '2.1.0' } })
  })

  it('frees the version and removes the bytes when it is given up', async () => {
    const { url, engine } = await served()
    const { saveId } = (await begin(url)).json()
    await send(url, `/api/saves/${saveId}/files/w.bin`, { method: 'PUT', body: 'abc' })
    expect((await send(url, `/api/saves/${saveId}`, { method: 'DELETE' })).status).toBe(204)
    expect((await send(url, `/api/saves/${saveId}`, { method: 'DELETE' })).status).toBe(204)
    for await (const finding of engine.registry.scan()) expect(finding).toBeUndefined()
    expect((await begin(url)).status).toBe(201)
  })

  it('takes objects that are in the store already', async () => {
    const { url } = await served()
    const { files } = await saved(url)
    const s3Path = files[0].address
    const mixed = await begin(url, {
      metadata: { ...metadata, version: '2.0.0' },
      files: ['old.json', 'new.txt'],
    })
    const { saveId } = mixed.json()
    const stored = await send(url, `/api/saves/${saveId}/stored`, {
      method: 'POST',
      json: { path: 'old.json', s3Path },
    })
    expect(stored.json()).toMatchObject({ ownership: 'caller', sha256: files[0].sha256 })
    await send(url, `/api/saves/${saveId}/files/new.txt`, { method: 'PUT', body: 'new' })
    expect((await send(url, `/api/saves/${saveId}/publish`, { method: 'POST' })).json().files).toHaveLength(2)
  })

  it('records a version of stored objects in one request', async () => {
    const { url } = await served()
    const { files } = await saved(url)
    const json = {
      metadata: { ...metadata, version: '3.0.0' },
      files: [{ path: 'm.json', s3Path: files[0].address }],
    }
    const answer = await send(url, '/api/models', { method: 'POST', json })
    expect(answer.status).toBe(201)
    expect(answer.headers.location).toBe('/api/models/btc-lstm/versions/3.0.0')
    expect(answer.json()).toMatchObject({ version: '3.0.0', s3Path: files[0].address })
    const missing = {
      metadata: { ...metadata, version: '4.0.0' },
      files: [{ path: 'm.json', s3Path: 's3://nowhere/at-all.bin' }],
    }
    const refused = await send(url, '/api/models', { method: 'POST', json: missing })
    expect(refused.json()).toMatchObject({ code: 'S3_UPLOAD_FAILED', cause: 'object-missing' })
  })
})
