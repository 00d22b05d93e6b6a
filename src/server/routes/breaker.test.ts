import { describe, expect, it } from 'vitest'
import { lostStore } from '../testing/lost-store.js'
import { send } from '../testing/send.js'
import { served } from '../testing/served.js'

const ADMIN_TOKEN = 'an-admin-token'
const RESET = '/api/admin/circuit-breaker/reset'
const STATS = '/api/monitoring/circuit-breaker'

async function withOpenBreaker() {
  const here = await served({ adminToken: ADMIN_TOKEN }, lostStore())
  for (let call = 0; call < 2; call++) await here.engine.registry.health()
  return here
}

describe('the circuit breaker of a server', () => {
  it('shows its state, its counts, its last failures and the next probe to whoever may read', async () => {
    const { url } = await withOpenBreaker()
    const { status, json } = await send(url, STATS)
    expect(status).toBe(200)
    expect(json()).toMatchObject({
      state: 'open',
      circuits: [
        {
          bucket: 'ml-models',
          state: 'open',
          since: expect.stringMatching(/^\d{4}-/),
          nextProbeAt: expect.stringMatching(/^\d{4}-/),
          retryInMs: expect.any(Number),
          failureRate: 1,
          window: { succeeded: 0, failed: 2 },
          total: { failed: 2, opened: 1 },
          lastFailures: [{ cause: 'connection-refused' }, { cause: 'connection-refused' }],
          rules: { threshold: 0.5, minimumCalls: 2, windowMs: 60_000, cooldownMs: 30_000 },
        },
      ],
    })
  })

  it('is measured for Prometheus', async () => {
    const { url } = await withOpenBreaker()
    const { headers, body } = await send(url, '/metrics')
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body).toMatch(/^modelry_breaker_state\{endpoint="[^"]+",bucket="ml-models",state="open"\} 1$/m)
  })

  it('has no circuits where the store is a folder', async () => {
    const { url } = await served()
    expect((await send(url, STATS)).json()).toEqual({ state: 'closed', circuits: [] })
  })

  it('refuses to be reset without a token, with a wrong one and with one that may not', async () => {
    const { url, engine } = await withOpenBreaker()
    const none = await send(url, RESET, { method: 'POST' })
    expect([none.status, none.headers['www-authenticate']]).toEqual([401, 'Bearer realm="modelry"'])
    const wrong = await send(url, RESET, { method: 'POST', token: 'another-token' })
    expect([wrong.status, wrong.json().cause]).toEqual([401, 'token-unknown'])
    for (const { body } of [none, wrong]) {
      expect(body).toContain('ADMIN_TOKEN')
      expect(body).toContain('modelry token create my-name --scope admin')
    }
    const token = await engine.tokens.create('ci', ['deploy'])
    const lesser = await send(url, RESET, { method: 'POST', token })
    expect([lesser.status, lesser.json().cause]).toEqual([403, 'scope-missing'])
    expect(lesser.body).toContain('ADMIN_TOKEN')
    expect((await engine.registry.breakerStats())[0]?.state).toBe('open')
  })

  it('is reset with the admin token or with a token for admin, and the history has who did it', async () => {
    const { url, engine } = await withOpenBreaker()
    const { status, json } = await send(url, RESET, { method: 'POST', token: ADMIN_TOKEN })
    expect(status).toBe(200)
    expect(json()).toMatchObject({ state: 'closed', circuits: [{ state: 'closed', total: { failed: 0 } }] })
    const token = await engine.tokens.create('ann', ['admin'])
    expect((await send(url, RESET, { method: 'POST', token })).status).toBe(200)
    expect(await engine.registry.listHistory()).toMatchObject([
      { action: 'breaker-reset', actor: 'ann', modelId: '*', details: { circuits: [{ was: 'closed' }] } },
      { action: 'breaker-reset', actor: 'ADMIN_TOKEN', details: { circuits: [{ was: 'open' }] } },
    ])
  })

  it('ends what needs the store with S3_UNAVAILABLE and the time until the next probe', async () => {
    const { url, engine } = await withOpenBreaker()
    const metadata = { modelId: 'm', version: '1.0.0', modelType: 'lstm', inputShape: [1], outputShape: [1] }
    const begun = await send(url, '/api/saves', { method: 'POST', json: { metadata, files: ['a.bin'] } })
    const { saveId } = begun.json()
    const put = await send(url, `/api/saves/${saveId}/files/a.bin`, { method: 'PUT', body: 'x' })
    expect(put.status).toBe(503)
    expect(put.json()).toMatchObject({
      code: 'S3_UNAVAILABLE',
      cause: 'breaker-open',
      outcome: 'not-applied',
    })
    expect(Number(put.headers['retry-after'])).toBeGreaterThan(0)
    expect((await engine.registry.health()).breaker).toMatchObject([{ state: 'open' }])
    const ready = await send(url, '/readyz')
    expect(ready.json()).toMatchObject({ breaker: [{ state: 'open' }], artifacts: { status: 'down' } })
  })

  it('is told in the log each time that its state changes', async () => {
    const { log, engine } = await withOpenBreaker()
    await engine.registry.resetBreaker()
    const lines = () => log.map((line) => JSON.parse(line)).filter(({ state }) => state !== undefined)
    await expect.poll(lines).toMatchObject([
      { level: 'error', bucket: 'ml-models', state: 'open', msg: 'the circuit of the store is open' },
      { level: 'warn', state: 'closed' },
    ])
  })
})

describe('an admin token', () => {
  it('is refused when it could not stand in a header, without being shown', async () => {
    const refused = await served({ adminToken: 'two words' }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'MODEL_VALIDATION_FAILED' })
    expect(String(refused)).not.toContain('two words')
  })
})
