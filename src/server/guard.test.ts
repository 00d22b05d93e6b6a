import { describe, expect, it } from 'vitest'
import { eventually } from '../../test/support/eventually.js'
import type { TokenScope } from '../registry/access-tokens.js'
import { metadata, saved } from './testing/saved.js'
import { type Sent, send } from './testing/send.js'
import { type Served, served } from './testing/served.js'

const begin: [string, Sent] = ['/api/saves', { method: 'POST', json: { metadata, files: ['w.bin'] } }]

/** One request for each scope, with what it answers to whoever may make it. */
const needs: [TokenScope, string, Sent][] = [
  ['read', '/api/models', {}],
  ['read', '/api/models/btc-lstm/versions/1.0.0', {}],
  ['read', '/api/models/btc-lstm/versions/1.0.0/files/model.json', {}],
  ['read', '/api/models/btc-lstm/versions/1.0.0/files/model.json', { method: 'HEAD' }],
  ['read', '/api/history', {}],
  ['read', '/api/deployments', {}],
  ['write', '/api/models/btc-lstm/versions/1.0.0', { method: 'PATCH', json: { description: 'x' } }],
  ['write', '/api/models/btc-lstm/aliases/best', { method: 'PUT', json: { version: '1.0.0' } }],
  ['write', '/api/models/btc-lstm/versions/1.0.0/archive', { method: 'POST' }],
  ['write', '/api/models/btc-lstm/versions/1.0.0/restore', { method: 'POST' }],
  [
    'deploy',
    '/api/models/btc-lstm/deployments',
    { method: 'POST', json: { version: '1.0.0', environment: 'staging' } },
  ],
  ['admin', '/api/tokens', {}],
  ['admin', '/api/scan', {}],
]

/** A first token, made through the server, which asks for one from then on. */
async function tokenFor({ url }: Served, ...scopes: TokenScope[]): Promise<string> {
  const json = { name: `for-${scopes.join('-')}`, scopes }
  return (await send(url, '/api/tokens', { method: 'POST', json })).json().token
}

describe('a server with tokens', () => {
  it.each(['read', 'write', 'deploy', 'admin'] as const)(
    'lets the scope %s do what it is for',
    async (scope) => {
      const server = await served()
      await saved(server.url)
      const token = await tokenFor(server, scope)
      const ranks: TokenScope[] = ['read', 'write', 'deploy', 'admin']
      for (const [needed, path, sent] of needs) {
        const answer = await send(server.url, path, { ...sent, token })
        const allowed = ranks.indexOf(scope) >= ranks.indexOf(needed)
        expect([path, answer.status < 300]).toEqual([path, allowed])
        if (allowed) continue
        expect(answer.status).toBe(403)
        expect(answer.headers['www-authenticate']).toBe(
          `Bearer realm="modelry", error="insufficient_scope", scope="${needed}"`,
        )
        expect(answer.json()).toMatchObject({ code: 'MODEL_VALIDATION_FAILED', cause: 'scope-missing' })
      }
    },
  )

  it('lets nobody delete without the scope admin', async () => {
    const server = await served()
    await saved(server.url)
    const deploy = await tokenFor(server, 'deploy')
    const path = '/api/models/btc-lstm/versions/1.0.0'
    expect((await send(server.url, path, { method: 'DELETE', token: deploy })).status).toBe(403)
    const admin = await server.engine.tokens.create('root', ['admin'])
    expect((await send(server.url, path, { method: 'DELETE', token: admin })).status).toBe(204)
  })

  it('asks for a token, and says which one it does not know', async () => {
    const server = await served()
    await tokenFor(server, 'read')
    const without = await send(server.url, '/api/models')
    expect(without.headers['www-authenticate']).toBe('Bearer realm="modelry"')
    expect(without.json()).toMatchObject({ status: 401, cause: 'token-missing' })
    for (const authorization of [
      'Bearer mdl_wrong',
      'Bearer',
      'Basic YTpi',
      'mdl_x',
      'Bearer a b',
      'Bearer  ',
    ]) {
      const answer = await send(server.url, '/api/models', { headers: { authorization } })
      expect([authorization, answer.status]).toEqual([authorization, 401])
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
      expect(answer.json().cause).toBe('token-unknown')
    }
  })

  it('writes the name of the token into the history, whatever the caller calls itself', async () => {
    const server = await served()
    const token = await server.engine.tokens.create('ci', ['write'])
    const answer = await send(server.url, begin[0], {
      ...begin[1],
      token,
      headers: { 'x-modelry-actor': 'mallory' },
    })
    expect(answer.headers['x-modelry-actor']).toBe('ci')
    const { saveId } = answer.json()
    await send(server.url, `/api/saves/${saveId}/files/w.bin`, { method: 'PUT', body: 'x', token })
    const record = await send(server.url, `/api/saves/${saveId}/publish`, { method: 'POST', token })
    expect(record.json().createdBy).toBe('ci')
    expect((await server.engine.registry.listHistory())[0]?.actor).toBe('ci')
  })

  it('notices within a second a token that was made elsewhere and one that was revoked, and stays closed without any', async () => {
    const server = await served()
    const token = await server.engine.tokens.create('made-elsewhere', ['admin'])
    await eventually(async () => expect((await send(server.url, '/api/models')).status).toBe(401))
    expect((await send(server.url, '/api/models', { token })).status).toBe(200)
    await server.engine.tokens.revoke('made-elsewhere')
    await eventually(async () => expect((await send(server.url, '/api/models', { token })).status).toBe(401))
    expect((await send(server.url, '/api/models')).status).toBe(401)
  })

  it('shows a token once, logs none, and asks for one at once after the first was made', async () => {
    const server = await served()
    const json = { name: 'first', scopes: ['admin'] }
    const made = await send(server.url, '/api/tokens', { method: 'POST', json })
    expect(made.status).toBe(201)
    expect(made.headers['cache-control']).toBe('no-store')
    const { token } = made.json()
    expect((await send(server.url, '/api/models')).status).toBe(401)
    const list = await send(server.url, '/api/tokens', { token })
    expect(list.json().items).toMatchObject([{ name: 'first', scopes: ['admin'] }])
    expect(list.body).not.toContain(token)
    await send(server.url, `/api/models?query=${token}`, { token })
    expect(server.log.join('')).not.toContain(token)
    expect((await send(server.url, '/api/tokens/first', { method: 'DELETE', token })).status).toBe(204)
    expect((await send(server.url, '/api/tokens/first', { method: 'DELETE', token })).status).toBe(401)
  })

  it('lets everybody see whether it is alive, and what an error means', async () => {
    const server = await served()
    await tokenFor(server, 'read')
    for (const path of ['/', '/healthz', '/readyz', '/openapi.json', '/errors', '/errors/S3_ERROR'])
      expect([path, (await send(server.url, path)).status]).toEqual([path, 200])
  })
})

describe('a server without tokens', () => {
  it('calls the caller by the name it gives itself, or local', async () => {
    const { url, engine } = await served()
    const named = { 'x-modelry-actor': encodeURIComponent('Zoë') }
    await saved(url)
    await send(url, '/api/models/btc-lstm/aliases/best', {
      method: 'PUT',
      json: { version: '1.0.0' },
      headers: named,
    })
    expect((await engine.registry.listHistory()).map(({ actor }) => actor)).toEqual(['Zoë', 'local'])
    const bad = { 'x-modelry-actor': 'x'.repeat(200) }
    const refused = await send(url, begin[0], {
      method: 'POST',
      json: { metadata: { ...metadata, version: '2.0.0' }, files: ['a'] },
      headers: bad,
    })
    expect(refused.status).toBe(422)
  })

  it.each([
    'evil.example',
    'evil.example:7878',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '0.0.0.0',
  ])('does not answer to the name %s', async (host) => {
    const { url } = await served()
    for (const [path, sent] of [['/api/models', {}] as [string, Sent], begin]) {
      const answer = await send(url, path, { ...sent, headers: { host } })
      expect(answer.status).toBe(403)
      expect(answer.json()).toMatchObject({ code: 'MODEL_VALIDATION_FAILED', cause: 'host-refused' })
    }
  })

  it.each(['localhost', 'LOCALHOST:1', '127.0.0.1:80', '127.1.2.3', '[::1]:7878'])(
    'answers to the name %s',
    async (host) => {
      const { url } = await served()
      expect((await send(url, '/api/models', { headers: { host } })).status).toBe(200)
    },
  )

  it.each(['http://evil.example', 'null', 'http://localhost:1', 'https://127.0.0.1.evil.example'])(
    'lets no page of the origin %s change anything',
    async (origin) => {
      const { url } = await served()
      const answer = await send(url, begin[0], { ...begin[1], headers: { origin } })
      expect(answer.status).toBe(403)
      expect(answer.json().cause).toBe('origin-refused')
      const read = await send(url, '/api/models', { headers: { origin } })
      expect(read.headers['access-control-allow-origin']).toBeUndefined()
    },
  )

  it('lets a page of its own change something', async () => {
    const { url } = await served()
    expect((await send(url, begin[0], { ...begin[1], headers: { origin: url } })).status).toBe(201)
  })

  it('takes no body of a type that a page can send without asking', async () => {
    const { url } = await served()
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await send(url, begin[0], { ...begin[1], headers: { 'content-type': type } })
      expect(answer.status).toBe(415)
      expect(answer.json().cause).toBe('media-type-refused')
    }
  })
})
