import { describe, expect, it } from 'vitest'
import { damage } from '../testing/damage.js'
import { metadata, saved } from '../testing/saved.js'
import { send } from '../testing/send.js'
import { served } from '../testing/served.js'

const path = '/api/models/btc-lstm/versions/1.0.0'

describe('GET a version', () => {
  it('finds it by its name, by latest and by an alias', async () => {
    const { url } = await served()
    const record = await saved(url)
    await send(url, '/api/models/btc-lstm/aliases/champion', { method: 'PUT', json: { version: '1.0.0' } })
    for (const ref of ['1.0.0', 'latest', 'champion']) {
      const answer = await send(url, `/api/models/btc-lstm/versions/${ref}`)
      expect(answer.status).toBe(200)
      expect(answer.json()).toMatchObject({ modelId: 'btc-lstm', version: '1.0.0', digest: record.digest })
    }
  })

  it('takes a model id with a namespace as one part of the path', async () => {
    const { url } = await served()
    await saved(url, undefined, { modelId: 'quant/btc-lstm' })
    const answer = await send(url, '/api/models/quant%2Fbtc-lstm/versions/1.0.0')
    expect(answer.json().modelId).toBe('quant/btc-lstm')
    expect((await send(url, '/api/models/quant%2fbtc-lstm/versions')).json().items).toHaveLength(1)
    expect((await send(url, '/api/models/quant/btc-lstm/versions/1.0.0')).status).toBe(404)
  })

  it('takes a version with build metadata', async () => {
    const { url } = await served()
    await saved(url, undefined, { version: '1.0.0+build.5' })
    expect((await send(url, '/api/models/btc-lstm/versions/1.0.0%2Bbuild.5')).status).toBe(200)
    expect((await send(url, '/api/models/btc-lstm/versions/1.0.0+build.5')).status).toBe(200)
  })

  it('answers 304 to whoever has it, and anew after any change', async () => {
    const { url } = await served()
    await saved(url)
    const { etag } = (await send(url, path)).headers
    expect(etag).toMatch(/^"[\w-]+"$/)
    const again = await send(url, path, { headers: { 'if-none-match': `"other", W/${etag}` } })
    expect(again).toMatchObject({ status: 304, body: '', headers: { etag } })
    for (const change of [
      () => send(url, path, { method: 'PATCH', json: { description: 'new' } }),
      () => send(url, '/api/models/btc-lstm/aliases/best', { method: 'PUT', json: { version: '1.0.0' } }),
      () =>
        send(url, '/api/models/btc-lstm/deployments', {
          method: 'POST',
          json: { version: '1.0.0', environment: 'production' },
        }),
    ]) {
      const before = (await send(url, path)).headers.etag ?? ''
      expect((await change()).status).toBeLessThan(300)
      expect((await send(url, path, { headers: { 'if-none-match': before } })).status).toBe(200)
    }
  })

  it('answers HEAD as GET without the body', async () => {
    const { url } = await served()
    await saved(url)
    const get = await send(url, path)
    const head = await send(url, path, { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, body: '' })
    expect(head.headers.etag).toBe(get.headers.etag)
  })

  it('names what is there when the version is not', async () => {
    const { url } = await served()
    await saved(url)
    const answer = await send(url, '/api/models/btc-lstm/versions/1.0.1')
    expect(answer.status).toBe(404)
    expect(answer.json()).toMatchObject({
      type: `${url}/errors/MODEL_NOT_FOUND`,
      code: 'MODEL_NOT_FOUND',
      cause: 'version-missing',
      context: { availableVersions: ['1.0.0'] },
    })
  })

  it('reads the content when it is asked to, and says what is damaged', async () => {
    const { url, artifacts } = await served()
    const record = await saved(url)
    expect((await send(url, `${path}?verify=content`)).status).toBe(200)
    await damage(artifacts, record.files[0].address)
    const answer = await send(url, `${path}?verify=content`)
    expect(answer.status).toBe(422)
    expect(answer.json()).toMatchObject({ code: 'S3_DOWNLOAD_FAILED', cause: 'checksum-mismatch' })
  })

  it('refuses another kind of verification, and what it does not know', async () => {
    const { url } = await served()
    for (const query of ['verify=maybe', 'colour=red', 'verify=none&verify=exists']) {
      const answer = await send(url, `${path}?${query}`)
      expect(answer.status).toBe(422)
      expect(answer.json().code).toBe('MODEL_VALIDATION_FAILED')
    }
  })
})

describe('changing a version', () => {
  it('changes description and tags, and refuses the rest', async () => {
    const { url } = await served()
    await saved(url)
    const answer = await send(url, path, {
      method: 'PATCH',
      json: { description: 'new', tags: { team: 'quant' } },
    })
    expect(answer.json()).toMatchObject({ description: 'new', tags: { team: 'quant' } })
    const refused = await send(url, path, { method: 'PATCH', json: { accuracy: 1 } })
    expect(refused.status).toBe(422)
    expect(refused.json().context.validationErrors[0].path).toBe('accuracy')
  })

  it('archives, restores and deletes', async () => {
    const { url } = await served()
    await saved(url)
    expect((await send(url, `${path}/archive`, { method: 'POST' })).json().deploymentStatus).toBe('archived')
    expect((await send(url, `${path}/restore`, { method: 'POST' })).json().deploymentStatus).toBe('inactive')
    expect((await send(url, path, { method: 'DELETE' })).status).toBe(204)
    expect((await send(url, path)).status).toBe(404)
    expect((await send(url, path, { method: 'DELETE' })).status).toBe(404)
  })

  it('refuses to delete a version that is active', async () => {
    const { url } = await served()
    await saved(url)
    const json = { version: '1.0.0', environment: 'production' }
    await send(url, '/api/models/btc-lstm/deployments', { method: 'POST', json })
    const answer = await send(url, path, { method: 'DELETE' })
    expect(answer.status).toBe(409)
    expect(answer.json()).toMatchObject({ code: 'DEPLOYMENT_FAILED', cause: 'version-active' })
  })
})

describe('listing', () => {
  it('pages through all versions without showing one twice', async () => {
    const { url } = await served()
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await saved(url, undefined, { version })
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const more: string = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const { items, nextCursor } = (await send(url, `/api/models?limit=2${more}`)).json()
      seen.push(...items.map((item: { version: string }) => item.version))
      cursor = nextCursor
    } while (cursor !== undefined)
    expect(seen.sort()).toEqual(['1.0.0', '1.1.0', '1.2.0'])
  })

  it.each([
    'limit=0',
    'limit=1001',
    'limit=ten',
    'limit=1e2x',
    'cursor=nonsense',
    'orderBy=size',
    'color=red',
  ])('refuses %s', async (query) => {
    const { url } = await served()
    const answer = await send(url, `/api/models?${query}`)
    expect(answer.status).toBe(422)
    expect(answer.json().code).toBe('MODEL_VALIDATION_FAILED')
  })

  it('compares two versions', async () => {
    const { url } = await served()
    await saved(url, { 'a.txt': 'one' }, { accuracy: 0.8 })
    await saved(url, { 'a.txt': 'two' }, { version: '1.1.0', accuracy: 0.9 })
    const diff = (await send(url, '/api/models/btc-lstm/diff?from=1.0.0&to=latest')).json()
    expect(diff.metadata).toEqual([{ path: 'accuracy', from: 0.8, to: 0.9 }])
    expect(diff.files).toMatchObject([{ path: 'a.txt', change: 'changed' }])
  })

  it('tells who did what', async () => {
    const { url } = await served()
    await saved(url)
    const { items } = (await send(url, `/api/history?modelId=${metadata.modelId}`)).json()
    expect(items).toMatchObject([{ action: 'saved', actor: 'local', version: '1.0.0' }])
  })
})
