import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../test/support/eventually.js'
import { metadata, saved } from './testing/saved.js'
import { send } from './testing/send.js'
import { served } from './testing/served.js'

const keyed = (key: string) => ({ 'idempotency-key': key })

describe('Idempotency-Key', () => {
  it('gives the first answer again instead of saving twice', async () => {
    const { url } = await served()
    const headers = keyed(randomUUID())
    const json = { metadata, files: ['w.bin'] }
    const first = await send(url, '/api/saves', { method: 'POST', json, headers })
    const again = await send(url, '/api/saves', { method: 'POST', json, headers })
    expect(again).toMatchObject({ status: first.status, body: first.body })
    expect(first.headers['idempotency-replayed']).toBeUndefined()
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(again.headers.location).toBe(first.headers.location)
  })

  it('deploys once and rolls back once', async () => {
    const { url } = await served()
    for (const version of ['1.0.0', '2.0.0', '3.0.0']) {
      await saved(url, undefined, { version })
      const json = { version, environment: 'production' }
      const headers = keyed(randomUUID())
      const first = await send(url, '/api/models/btc-lstm/deployments', { method: 'POST', json, headers })
      const again = await send(url, '/api/models/btc-lstm/deployments', { method: 'POST', json, headers })
      expect(again.json()).toEqual(first.json())
    }
    const rollback = '/api/models/btc-lstm/environments/production/rollback'
    const headers = keyed(randomUUID())
    const first = await send(url, rollback, { method: 'POST', headers })
    expect(first.json().version).toBe('2.0.0')
    expect((await send(url, rollback, { method: 'POST', headers })).json()).toEqual(first.json())
    expect((await send(url, rollback, { method: 'POST', headers: keyed(randomUUID()) })).json().version).toBe(
      '1.0.0',
    )
  })

  it('refuses one key for two different requests', async () => {
    const { url } = await served()
    const headers = keyed('k1')
    await send(url, '/api/saves', { method: 'POST', json: { metadata, files: ['a'] }, headers })
    const other = await send(url, '/api/saves', { method: 'POST', json: { metadata, files: ['b'] }, headers })
    expect(other.status).toBe(422)
    expect(other.json().context.validationErrors[0].path).toBe('Idempotency-Key')
  })

  it('remembers no failure', async () => {
    const { url } = await served()
    const headers = keyed('k2')
    const json = { version: '1.0.0', environment: 'production' }
    const deploy = () => send(url, '/api/models/btc-lstm/deployments', { method: 'POST', json, headers })
    expect((await deploy()).status).toBe(404)
    await saved(url)
    expect((await deploy()).status).toBe(201)
  })

  it.each(['', ' ', 'a b', 'ü', 'x'.repeat(300)])('refuses the key %j', async (key) => {
    const { url } = await served()
    const headers = keyed(Buffer.from(key).toString('latin1'))
    const answer = await send(url, '/api/saves', {
      method: 'POST',
      json: { metadata, files: ['a'] },
      headers,
    })
    expect(answer.status).toBe(422)
  })

  it('keeps the keys of two callers apart', async () => {
    const { url, engine } = await served()
    const ann = await engine.tokens.create('ann', ['write'])
    const bob = await engine.tokens.create('bob', ['write'])
    const begin = (token: string, version: string) =>
      send(url, '/api/saves', {
        method: 'POST',
        json: { metadata: { ...metadata, version }, files: ['a'] },
        headers: keyed('same'),
        token,
      })
    await eventually(async () => expect((await begin(ann, '1.0.0')).status).toBe(201))
    const other = await begin(bob, '2.0.0')
    expect(other.status).toBe(201)
    expect(other.headers['idempotency-replayed']).toBeUndefined()
  })

  it('keeps a new token of the same name from the answers of the one before', async () => {
    const { url, engine } = await served()
    const json = { metadata, files: ['w.bin'] }
    const asked = { method: 'POST', json, headers: keyed('k') }
    const first = await engine.tokens.create('ci', ['write'])
    await eventually(async () => expect((await send(url, '/api/models')).status).toBe(401))
    expect((await send(url, '/api/saves', { ...asked, token: first })).status).toBe(201)
    await engine.tokens.revoke('ci')
    const second = await engine.tokens.create('ci', ['write'])
    const again = await send(url, '/api/saves', { ...asked, token: second })
    expect(again.headers['idempotency-replayed']).toBeUndefined()
    expect(again.status).toBe(409)
  })

  it('says that the same request is under way, and when to ask again', async () => {
    const { url, engine } = await served()
    await saved(url)
    const lock = { modelId: 'btc-lstm', version: '1.0.0', environment: 'production' }
    const testing = Promise.withResolvers<boolean>()
    const holding = engine.registry.deployModel(lock.modelId, lock.version, {
      environment: lock.environment,
      smokeTest: () => testing.promise,
    })
    const ask = () =>
      send(url, '/api/models/btc-lstm/deployments', {
        method: 'POST',
        json: { version: '1.0.0', environment: 'production', waitMs: 20_000 },
        headers: keyed('k3'),
      })
    const first = ask()
    await eventually(async () => {
      const second = await send(url, '/api/models/btc-lstm/deployments', {
        method: 'POST',
        json: { version: '1.0.0', environment: 'production', waitMs: 20_000 },
        headers: keyed('k3'),
      })
      expect(second.status).toBe(409)
      expect(second.json().code).toBeUndefined()
      expect(second.json().title).toBe('The same request is being worked on')
      expect(second.headers['retry-after']).toBe('1')
    })
    testing.resolve(true)
    await holding
    // It found the version active, by the deployment that it had waited for.
    expect((await first).status).toBe(200)
  })
})
