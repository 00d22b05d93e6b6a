import { describe, expect, it } from 'vitest'
import { deploymentInProgress } from '../errors/causes/registry.js'
import { ConcurrentDeploymentError } from '../errors/concurrent-deployment/error.js'
import { reviveError } from '../errors/revive.js'
import { problemSchema } from '../wire/problem.js'
import { HttpProblem, toProblem } from './problem.js'
import { metadata, saved } from './testing/saved.js'
import { send } from './testing/send.js'
import { served } from './testing/served.js'

const context = { base: 'http://127.0.0.1:7878', instance: '/api/x', requestId: 'r-1' }

describe('toProblem', () => {
  it('carries everything that the error says of itself', () => {
    const error = new ConcurrentDeploymentError(
      { modelId: 'm', environment: 'production', holder: 'ann', retryInMs: 1_500 },
      { reason: deploymentInProgress },
    )
    const { status, headers, body } = toProblem(error, context)
    expect(status).toBe(409)
    expect(headers).toEqual({ 'retry-after': '2' })
    expect(body).toMatchObject({
      ...error.toJSON(),
      type: 'http://127.0.0.1:7878/errors/CONCURRENT_DEPLOYMENT',
      title: ConcurrentDeploymentError.entry.title,
      status: 409,
      detail: error.message,
      instance: '/api/x',
      requestId: 'r-1',
    })
    expect(problemSchema.parse(body)).toEqual(body)
    expect(reviveError(JSON.parse(JSON.stringify(body)))).toBeInstanceOf(ConcurrentDeploymentError)
  })

  it('says nothing of a failure that is not meant for the caller', () => {
    const { status, body } = toProblem(new TypeError('password is hunter2 at /srv/secret.ts'), context)
    expect(status).toBe(500)
    expect(JSON.stringify(body)).not.toMatch(/hunter2|secret|TypeError/)
    expect(body).toMatchObject({ title: 'Internal Server Error', requestId: 'r-1' })
    expect(body).not.toHaveProperty('code')
    expect(problemSchema.parse(body)).toEqual(body)
  })

  it.each([undefined, null, 'text', 42, {}])('takes %j for a failure of the server too', (thrown) => {
    expect(toProblem(thrown, context).status).toBe(500)
  })

  it('has no code for what HTTP alone has a word for', () => {
    const { status, body } = toProblem(new HttpProblem(404, 'Not Found', 'There is no GET /x here.'), context)
    expect(status).toBe(404)
    expect(body).toMatchObject({ type: 'about:blank', title: 'Not Found' })
    expect(body).not.toHaveProperty('code')
  })
})

describe('requests in the log', () => {
  it('takes a sane id of the caller, and makes one in place of any other', async () => {
    const { url } = await served()
    const ask = (id: string) => send(url, '/api/models', { headers: { 'x-request-id': id } })
    expect((await ask('trace-1.2:3')).headers['x-request-id']).toBe('trace-1.2:3')
    for (const id of ['a b', '"}{', 'x'.repeat(200), ''])
      expect((await ask(id)).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('has one line for each request, with its id, and finds a failure by it', async () => {
    const { url, engine, log } = await served()
    await send(url, '/api/models?limit=5', { headers: { 'x-request-id': 'good-1' } })
    Object.assign(engine.texts, { listModels: () => Promise.reject(new RangeError('the wheel came off')) })
    const answer = await send(url, '/api/models', { headers: { 'x-request-id': 'bad-1' } })
    expect(answer.status).toBe(500)
    expect(answer.json().requestId).toBe('bad-1')
    expect(answer.body).not.toContain('wheel')
    await expect.poll(() => log.filter((line) => line.includes('bad-1')).length).toBe(2)
    const lines = log.map((line) => JSON.parse(line))
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'info',
        requestId: 'good-1',
        method: 'GET',
        url: '/api/models?limit=5',
        status: 200,
        actor: 'local',
        msg: 'answered',
      }),
    )
    const failure = lines.find((line) => line.msg === 'the request failed')
    expect(failure).toMatchObject({
      level: 'error',
      requestId: 'bad-1',
      err: { message: 'the wheel came off' },
    })
    expect(failure.err.stack).toContain('problem.test.ts')
  })

  it('does not tell of probes that succeed', async () => {
    const { url, log } = await served()
    await send(url, '/healthz')
    await send(url, '/readyz')
    await send(url, '/api/models')
    await expect.poll(() => log.filter((line) => line.includes('/api/models')).length).toBe(1)
    expect(log.join('')).not.toContain('/healthz')
  })

  it('puts the address by which the caller came into links, and only a sane one', async () => {
    const { url } = await served()
    await saved(url)
    const { port } = new URL(url)
    const typeFor = async (host: string) =>
      (await send(url, `/api/models/${metadata.modelId}/versions/9.9.9`, { headers: { host } })).json().type
    expect(await typeFor(`localhost:${port}`)).toBe(`http://localhost:${port}/errors/MODEL_NOT_FOUND`)
    expect(await typeFor(`[::1]:${port}`)).toBe(`http://[::1]:${port}/errors/MODEL_NOT_FOUND`)
  })
})
