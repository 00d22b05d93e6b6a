import { describe, expect, it, vi } from 'vitest'
import {
  ConcurrentDeploymentError,
  ModelNotFoundError,
  ModelValidationError,
  S3UnavailableError,
} from '../errors/index.js'
import { connectRegistry } from './connect-registry.js'
import { answering, nobodyAt, withJson, withNothing } from './faulty-server.testing.js'

const record = {
  modelId: 'm',
  version: '1.0.0',
  number: 1,
  modelType: 'lstm',
  inputShape: [1],
  outputShape: [1],
  s3Path: 's3://models/m',
  metrics: {},
  tags: {},
  files: [],
  size: 0,
  digest: 'd',
  aliases: [],
  environments: [],
  deploymentStatus: 'inactive',
  createdAt: 't',
  createdBy: 'a',
  updatedAt: 't',
}
const deployment = {
  id: 'd1',
  modelId: 'm',
  version: '1.0.0',
  environment: 'production',
  status: 'active',
  fence: 1,
  deployedAt: 't',
  deployedBy: 'a',
}
const busy = (retryInMs: number) =>
  withJson(503, {
    code: 'DATABASE_ERROR',
    cause: 'sqlite-busy',
    outcome: 'not-applied',
    context: { operation: 'x', retryInMs },
  })
const deploy = (url: string) =>
  connectRegistry({ url }).deployModel('m', '1.0.0', { environment: 'production' })

describe('connectRegistry', () => {
  it.each(['', 'not a url', 'ftp://x', '127.0.0.1:7878', 'http://user:secret@127.0.0.1'])(
    'refuses the address %j',
    (url) => {
      const error = caught(() => connectRegistry({ url }))
      expect(error).toBeInstanceOf(ModelValidationError)
      expect(String(error)).not.toContain('secret')
    },
  )

  it('asks below the path of the address', async () => {
    const { url, asked } = await answering(withJson(200, { items: [] }))
    await connectRegistry({ url: `${url}/registry/` }).listModels({ limit: 3, tag: 'a=b c' })
    expect(asked[0]?.url).toBe('/registry/api/models?limit=3&tag=a%3Db+c')
  })

  it.each(['\ud800', 'a\nb', ''])('sends nothing for the actor %j, who cannot be shown', async (actor) => {
    const { url, asked } = await answering(withJson(200, { items: [] }))
    const listing = connectRegistry({ url, actor }).listModels()
    await expect(listing).rejects.toBeInstanceOf(ModelValidationError)
    const archiving = connectRegistry({ url }).archiveModel('m', '1.0.0', { actor })
    await expect(archiving).rejects.toBeInstanceOf(ModelValidationError)
    expect(asked).toHaveLength(0)
  })

  it('sends the token and the actor, and neither when there is none', async () => {
    const { url, asked } = await answering(withJson(200, { items: [] }))
    await connectRegistry({ url, token: 'mdl_x', actor: 'Zoë' }).listModels()
    await connectRegistry({ url }).listModels()
    expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer mdl_x', 'x-modelry-actor': 'Zo%C3%AB' })
    expect(asked[1]?.headers.authorization).toBeUndefined()
    expect(asked[1]?.headers['x-modelry-actor']).toBeUndefined()
  })

  it('uses the fetch that it is given', async () => {
    const own = vi.fn(async () => Response.json({ items: [] }))
    expect(await connectRegistry({ url: 'http://nowhere.invalid', fetch: own }).listModels()).toEqual([])
    expect(own).toHaveBeenCalledOnce()
  })
})

describe('a server that cannot be reached', () => {
  it('is an S3UnavailableError that says so, with nothing done', async () => {
    const url = await nobodyAt()
    const registry = connectRegistry({ url, retries: { attempts: 1 } })
    for (const attempt of [
      () => registry.getModel('m', '1.0.0'),
      () => registry.listModels(),
      () => registry.deployModel('m', '1.0.0', { environment: 'production' }),
      () =>
        registry.saveModel(
          { a: 1 },
          { modelId: 'm', version: '1.0.0', modelType: 'lstm', inputShape: [1], outputShape: [1] },
        ),
    ]) {
      const error = await attempt().catch((e) => e)
      expect(error).toBeInstanceOf(S3UnavailableError)
      expect(error).toMatchObject({
        outcome: 'not-applied',
        reason: { id: 'server-unreachable' },
        retry: { advice: 'safe' },
      })
      expect(error.message).toContain(`${url} cannot be reached (ECONNREFUSED)`)
    }
  })

  it('is down in health, which does not throw', async () => {
    const health = await connectRegistry({ url: await nobodyAt() }).health()
    expect(health).toMatchObject({ status: 'down', metadata: { error: { cause: 'server-unreachable' } } })
  })
})

describe('an answer that is lost', () => {
  it('is asked for again, with the same Idempotency-Key', async () => {
    const { url, asked } = await answering(withNothing, withNothing, withJson(201, deployment))
    expect((await deploy(url)).id).toBe('d1')
    const keys = asked.map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('leaves the outcome unknown when it stays lost', async () => {
    const { url, asked } = await answering(withNothing)
    const error = await deploy(url).catch((e) => e)
    expect(error).toBeInstanceOf(S3UnavailableError)
    expect(error.outcome).toBe('unknown')
    expect(error.message).toContain('not known whether it took effect')
    expect(error.message).not.toContain('not carried out')
    expect(asked).toHaveLength(3)
  })

  it('means that a deletion took effect when nothing is there the next time', async () => {
    const gone = withJson(404, {
      code: 'MODEL_NOT_FOUND',
      cause: 'version-missing',
      context: { modelId: 'm' },
    })
    const lost = await answering(withNothing, gone)
    await connectRegistry({ url: lost.url }).deleteModel('m', '1.0.0')
    const never = await answering(gone)
    await expect(connectRegistry({ url: never.url }).deleteModel('m', '1.0.0')).rejects.toBeInstanceOf(
      ModelNotFoundError,
    )
  })

  it('is a body that breaks off too', async () => {
    const { url } = await answering(
      (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"items":')
        response.destroy()
      },
      withJson(200, { items: [record] }),
    )
    expect(await connectRegistry({ url }).listModels()).toHaveLength(1)
  })
})

describe('an error of the server', () => {
  it('is repeated when it says that this is safe, after the time that it names', async () => {
    const { url, asked } = await answering(busy(5), busy(5), withJson(200, record))
    expect((await connectRegistry({ url }).getModel('m', '1.0.0'))?.version).toBe('1.0.0')
    expect(asked).toHaveLength(3)
  })

  it('is not waited for longer than the caller allows', async () => {
    const { url, asked } = await answering(busy(60_000))
    await expect(connectRegistry({ url }).getModel('m', '1.0.0')).rejects.toMatchObject({
      code: 'DATABASE_ERROR',
    })
    expect(asked).toHaveLength(1)
  })

  it('is not repeated when it is a conflict, whatever it says of later', async () => {
    const held = {
      code: 'CONCURRENT_DEPLOYMENT',
      cause: 'deployment-in-progress',
      context: { modelId: 'm', environment: 'production', retryInMs: 1 },
    }
    const { url, asked } = await answering(withJson(409, held))
    await expect(deploy(url)).rejects.toBeInstanceOf(ConcurrentDeploymentError)
    expect(asked).toHaveLength(1)
  })

  it('is waited out when the same request is being worked on', async () => {
    const underway = withJson(
      409,
      { title: 'The same request is being worked on', status: 409 },
      { 'retry-after': '0' },
    )
    const { url, asked } = await answering(underway, withJson(201, deployment))
    expect((await deploy(url)).id).toBe('d1')
    expect(asked).toHaveLength(2)
  })

  it('is of unknown outcome when the server that had it was lost and nobody has its answer in time', async () => {
    const underway = withJson(
      409,
      { title: 'The same request is being worked on', status: 409 },
      { 'retry-after': '0' },
    )
    const { url, asked } = await answering(withNothing, underway)
    const error = await deploy(url).catch((e) => e)
    expect(error).toBeInstanceOf(S3UnavailableError)
    expect(error).toMatchObject({ outcome: 'unknown', reason: { id: 'server-unreachable' } })
    expect(asked).toHaveLength(3)
  })

  it('keeps the cause and the steps of a newer server that this client does not know', async () => {
    const { url } = await answering(
      withJson(409, {
        code: 'DEPLOYMENT_FAILED',
        cause: 'moon-phase',
        detail: 'The moon is new.',
        outcome: 'not-applied',
        retry: { advice: 'never' },
        steps: [{ text: 'Wait for the moon.' }],
        context: { modelId: 'm' },
        requestId: 'r-7',
      }),
    )
    const error = await deploy(url).catch((e) => e)
    expect(error).toMatchObject({
      message: 'The moon is new.',
      requestId: 'r-7',
      reason: { id: 'moon-phase' },
    })
    expect(error.steps).toEqual([{ text: 'Wait for the moon.' }])
  })

  it.each([
    [
      'a failure of the server itself',
      500,
      { title: 'Internal Server Error', status: 500, detail: 'See the log.', requestId: 'r-1' },
      'unknown',
    ],
    [
      'an address that no registry has',
      404,
      { title: 'Not Found', status: 404, detail: 'There is no POST /x here.' },
      'not-applied',
    ],
  ])('says so when it is %s', async (_what, status, body, outcome) => {
    const { url, asked } = await answering(withJson(status, body))
    const error = await deploy(url).catch((e) => e)
    expect(error).toBeInstanceOf(S3UnavailableError)
    expect(error).toMatchObject({ outcome, reason: { id: 'server-failed' } })
    expect(error.message).toContain(String(status))
    if ('requestId' in body) expect(error.requestId).toBe(body.requestId)
    expect(asked).toHaveLength(1)
  })

  it('says so when a proxy answers in its place', async () => {
    const page = (_request: unknown, response: import('node:http').ServerResponse) => {
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>')
    }
    const { url, asked } = await answering(page)
    const error = await connectRegistry({ url })
      .getModel('m', '1.0.0')
      .catch((e) => e)
    expect(error).toMatchObject({ code: 'S3_UNAVAILABLE', reason: { id: 'server-failed' } })
    expect(error.message).toContain('502 (Bad Gateway)')
    expect(asked).toHaveLength(3)
  })

  it.each([
    { code: 'MODEL_VALIDATION_FAILED', context: { validationErrors: 'x' } },
    { code: 'MODEL_VALIDATION_FAILED', context: { validationErrors: [null] } },
    { code: '__proto__' },
    null,
  ])('takes the problem document %j, which is none, for a failure of the server', async (body) => {
    const { url } = await answering(withJson(422, body))
    const error = await connectRegistry({ url })
      .getModel('m', '1.0.0')
      .catch((e) => e)
    expect(error).toMatchObject({ code: 'S3_UNAVAILABLE', reason: { id: 'server-failed' } })
  })

  it('says so when the answer is not what was asked for', async () => {
    for (const body of [{}, [], { items: [{}] }, 'text']) {
      const { url } = await answering(withJson(200, body))
      const error = await connectRegistry({ url, retries: { attempts: 1 } })
        .listModels()
        .catch((e) => e)
      expect(error).toBeInstanceOf(S3UnavailableError)
    }
  })
})

describe('a signal', () => {
  it('ends a call that waits for its answer', async () => {
    const { url, asked } = await answering(() => {})
    const controller = new AbortController()
    const call = connectRegistry({ url }).getModel('m', '1.0.0', { signal: controller.signal })
    await expect.poll(() => asked.length).toBe(1)
    controller.abort(new Error('enough'))
    await expect(call).rejects.toMatchObject({ code: 'S3_DOWNLOAD_FAILED', reason: { id: 'aborted' } })
  })

  it('ends a call that waits to be repeated', async () => {
    const { url, asked } = await answering(busy(8_000))
    const controller = new AbortController()
    const call = connectRegistry({ url }).deployModel('m', '1.0.0', {
      environment: 'production',
      signal: controller.signal,
    })
    await expect.poll(() => asked.length).toBe(1)
    controller.abort()
    await expect(call).rejects.toMatchObject({ code: 'DEPLOYMENT_FAILED', reason: { id: 'aborted' } })
  })
})

function caught(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
