import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { connectRegistry } from '../client/index.js'
import type { TokenScope } from '../registry/access-tokens.js'
import { createServer as createModelryServer } from '../server/create-server.js'
import { type Sent, send } from '../server/testing/send.js'
import { served } from '../server/testing/served.js'
import { failureOf, metadata, type Provocation, type Provoked } from './provocation.testing.js'

const problem = z.object({ code: z.string(), cause: z.string() })

async function problemOf(url: string, path: string, sent: Sent): Promise<Provoked> {
  return problem.parse((await send(url, path, sent)).json())
}

const refused = (cause: string, how: string, path: string, sent: Sent): Provocation => ({
  code: 'MODEL_VALIDATION_FAILED',
  cause,
  how,
  async provoke() {
    const { url } = await served()
    return problemOf(url, path, sent)
  },
})

/** A server that knows one token, and a client that sends this one. */
async function withToken(scopes: readonly TokenScope[], sent: 'own' | 'unknown' | 'none') {
  const { url, engine } = await served()
  const own = await engine.tokens.create('somebody', scopes)
  const token = sent === 'own' ? own : sent === 'unknown' ? 'mdl_of-somebody-else' : undefined
  return connectRegistry({ url, ...(token === undefined ? {} : { token }), retries: { attempts: 1 } })
}

/** What a server refuses, and what a client meets on its way to one. */
export const httpProvocations: readonly Provocation[] = [
  refused('malformed-request', 'a body that is no JSON', '/api/saves', {
    method: 'POST',
    body: '{',
    headers: { 'content-type': 'application/json' },
  }),
  refused('body-too-large', 'a request of 1 MB', '/api/tokens', {
    method: 'POST',
    json: { name: 'x'.repeat(1_000_000), scopes: ['read'] },
  }),
  refused('media-type-refused', 'metadata as XML', '/api/saves', {
    method: 'POST',
    body: '<model/>',
    headers: { 'content-type': 'application/xml' },
  }),
  refused('host-refused', 'a request by another name', '/api/models', { headers: { host: 'example.org' } }),
  refused('origin-refused', 'a change from the page of another origin', '/api/tokens', {
    method: 'POST',
    json: { name: 'x', scopes: ['read'] },
    headers: { origin: 'https://example.org' },
  }),
  {
    code: 'MODEL_VALIDATION_FAILED',
    cause: 'token-missing',
    how: 'no token where one is asked for',
    async provoke() {
      return failureOf((await withToken(['read'], 'none')).listModels())
    },
  },
  {
    code: 'MODEL_VALIDATION_FAILED',
    cause: 'token-unknown',
    how: 'a token of another server',
    async provoke() {
      return failureOf((await withToken(['read'], 'unknown')).listModels())
    },
  },
  {
    code: 'MODEL_VALIDATION_FAILED',
    cause: 'scope-missing',
    how: 'a token that may only read saves',
    async provoke() {
      return failureOf((await withToken(['read'], 'own')).saveModel({}, metadata))
    },
  },
  {
    code: 'MODEL_VALIDATION_FAILED',
    cause: 'exposed-without-token',
    how: 'a server for other machines without a token',
    async provoke() {
      const { engine } = await served()
      const server = await createModelryServer(engine, { host: '0.0.0.0', port: 0, logLevel: 'silent' })
      return failureOf(server.listen())
    },
  },
  {
    code: 'S3_UNAVAILABLE',
    cause: 'server-unreachable',
    how: 'a server that is not there',
    async provoke() {
      const registry = connectRegistry({ url: 'http://127.0.0.1:1', retries: { attempts: 1 } })
      return failureOf(registry.listModels())
    },
  },
  {
    code: 'S3_UNAVAILABLE',
    cause: 'server-failed',
    how: 'a proxy before a server that is away',
    async provoke() {
      const other = createServer((_request, response) =>
        response.writeHead(502).end('<html>Bad gateway</html>'),
      )
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => void other.close())
      const address = other.address()
      if (address === null || typeof address === 'string')
        throw new TypeError('the server listens on no port')
      return failureOf(
        connectRegistry({ url: `http://127.0.0.1:${address.port}`, retries: { attempts: 1 } }).listModels(),
      )
    },
  },
]
