import { describe, expect, it } from 'vitest'
import { eventually } from '../../../test/support/eventually.js'
import { healthSchema } from '../../wire/answers.js'
import { send } from '../testing/send.js'
import { served } from '../testing/served.js'

describe('/healthz', () => {
  it('answers while the process is alive, whatever the stores do', async () => {
    const { url, engine } = await served()
    await engine.registry.close()
    expect((await send(url, '/healthz')).json()).toEqual({ status: 'ok' })
  })
})

describe('/readyz', () => {
  it('is ready when both stores answer', async () => {
    const { url } = await served()
    const answer = await send(url, '/readyz')
    expect(answer.status).toBe(200)
    expect(healthSchema.parse(answer.json())).toMatchObject({
      status: 'ok',
      artifacts: { status: 'ok' },
      metadata: { status: 'ok' },
    })
  })

  it('really asks the stores, and names the cause of the one that is down', async () => {
    const { url, engine } = await served()
    Object.assign(engine.registry, {
      health: async () => ({
        status: 'down',
        artifacts: { status: 'ok', latencyMs: 1 },
        metadata: {
          status: 'down',
          latencyMs: 1,
          error: { code: 'DATABASE_ERROR', cause: 'sqlite-busy', message: 'at /srv/registry.db' },
        },
      }),
    })
    const trusted = await send(url, '/readyz')
    expect(trusted.status).toBe(503)
    expect(trusted.body).toContain('/srv/registry.db')
    await engine.tokens.create('a', ['read'])
    await eventually(async () => expect((await send(url, '/readyz')).body).not.toContain('/srv/registry.db'))
    expect((await send(url, '/readyz')).json().metadata.error).toEqual({
      code: 'DATABASE_ERROR',
      cause: 'sqlite-busy',
    })
  })

  it('is not ready once the stores are closed', async () => {
    const { url, engine } = await served()
    await engine.registry.close()
    const answer = await send(url, '/readyz')
    expect(answer.status).toBe(503)
    expect(healthSchema.parse(answer.json()).status).toBe('down')
  })
})
