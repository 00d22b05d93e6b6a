import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { onTestFinished, vi } from 'vitest'
import { freePorts, portOf } from '../../test/support/s3/free-ports.js'
import { certifiedServer, untrustedServer } from '../../test/support/s3/tls-server.js'
import type { RegistryOptions } from '../index.js'
import { s3CircuitBreaker, s3Storage } from '../s3/index.js'
import { failureOf, opened, type Provocation, save } from './provocation.testing.js'

type Store = Exclude<NonNullable<RegistryOptions['store']>, string>

const KEY = { accessKeyId: 'a', secretAccessKey: 'b' }
/** One attempt: the cause of the first is that of the last. */
const ONCE = { retry: { attempts: 1 } } as const

/** What a save meets on its way to such a store. */
const saving = (
  cause: string,
  how: string,
  store: (skip: Parameters<Provocation['provoke']>[0]) => Promise<Partial<Store>>,
): Provocation => ({
  code: 'S3_UPLOAD_FAILED',
  cause,
  how,
  async provoke(skip) {
    withoutAwsSettings()
    const options: Store = {
      bucket: 'ml-models',
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: KEY,
      ...ONCE,
      ...(await store(skip)),
    }
    return failureOf(save(await opened({ store: options })))
  },
})

/** Nothing of whoever runs the tests: no profile, no region, no key, no machine's role. */
function withoutAwsSettings(): void {
  for (const name of [
    'AWS_REGION',
    'AWS_DEFAULT_REGION',
    'AWS_PROFILE',
    'AWS_ENDPOINT_URL',
    'AWS_ACCESS_KEY_ID',
  ])
    vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_ENDPOINT_URL_S3', undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent/credentials')
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent/config')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
}

/** A port on which `answer` is what a connection gets. */
async function listening(answer: (server: Server) => void, scheme = 'http'): Promise<string> {
  const server = createServer()
  answer(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `${scheme}://127.0.0.1:${portOf(server)}`
}

async function nobodyThere(): Promise<string> {
  const [port] = await freePorts(1)
  return `http://127.0.0.1:${port}`
}

const answering = (text: string) => (server: Server) =>
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(text))
  })

/** Stores in S3 that cannot be reached, and what is wrong on this side of them. */
export const storeAwayProvocations: readonly Provocation[] = [
  saving('connection-refused', 'a store that does not run', async () => ({ endpoint: await nobodyThere() })),
  saving('connection-reset', 'a store that ends each connection', async () => ({
    endpoint: await listening((server) =>
      server.on('connection', (socket) => socket.once('data', () => socket.resetAndDestroy())),
    ),
  })),
  saving('timed-out', 'a store that never answers', async () => ({
    endpoint: await listening((server) =>
      server.on('connection', (socket) => {
        socket.on('error', () => {})
        socket.resume()
      }),
    ),
    timeouts: { idleMs: 200 },
  })),
  saving('proxy-in-between', 'a page for people where a store should be', async () => ({
    endpoint: await listening((server) => {
      const pages = createHttpServer((_request, answer) => {
        answer.setHeader('content-type', 'text/html').end('<html>Welcome</html>')
      })
      server.on('connection', (socket) => void pages.emit('connection', socket))
    }),
  })),
  saving('tls-handshake', 'https to a server without it', async () => ({
    endpoint: await listening(answering('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'), 'https'),
  })),
  saving('tls-untrusted', 'a certificate that nobody vouches for', async (skip) => {
    const endpoint = await untrustedServer()
    return endpoint === undefined ? skip('there is no openssl to make a certificate with') : { endpoint }
  }),
  saving('tls-wrong-host', 'a certificate for another name', async (skip) => {
    const served = await certifiedServer()
    if (served === undefined) return skip('there is no openssl to make a certificate with')
    const trusted = getCACertificates('default')
    setDefaultCACertificates([...trusted, served.certificate])
    onTestFinished(() => setDefaultCACertificates(trusted))
    return { endpoint: served.endpoint }
  }),
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'region-missing',
    how: 'an address without a region, and none in the environment',
    async provoke() {
      withoutAwsSettings()
      const store = { bucket: 'ml-models', endpoint: await nobodyThere(), credentials: KEY, ...ONCE }
      return failureOf(save(await opened({ store })))
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'credentials-missing',
    how: 'no credentials in the environment, in profiles or in roles',
    async provoke() {
      withoutAwsSettings()
      return failureOf(save(await opened({ store: 's3://ml-models?region=us-east-1' })))
    },
  },
  {
    code: 'S3_UPLOAD_FAILED',
    cause: 'endpoint-invalid',
    how: 'an endpoint in the environment that is no URL',
    async provoke() {
      withoutAwsSettings()
      vi.stubEnv('AWS_ENDPOINT_URL_S3', 'minio on port 9000')
      const store = { bucket: 'ml-models', region: 'us-east-1', credentials: KEY, ...ONCE }
      return failureOf(save(await opened({ store })))
    },
  },
  {
    code: 'S3_UNAVAILABLE',
    cause: 'breaker-open',
    how: 'a save after two that failed',
    async provoke() {
      const store = {
        bucket: 'ml-models',
        region: 'us-east-1',
        endpoint: await nobodyThere(),
        credentials: KEY,
        ...ONCE,
      }
      const { registry } = await opened({ store, breaker: { minimumCalls: 2 } })
      for (let call = 0; call < 2; call++) await registry.health()
      return failureOf(save({ registry }))
    },
  },
  {
    code: 'CIRCUIT_BREAKER_OPEN',
    cause: 'breaker-open',
    how: 'a call of s3Storage after others that failed',
    async provoke() {
      withoutAwsSettings()
      vi.stubEnv('AWS_REGION', 'us-east-1')
      vi.stubEnv('AWS_ACCESS_KEY_ID', KEY.accessKeyId)
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', KEY.secretAccessKey)
      vi.stubEnv('AWS_ENDPOINT_URL_S3', await nobodyThere())
      onTestFinished(() => s3CircuitBreaker.reset())
      const call = () => s3Storage.deleteModel({ bucket: 'breaker-open', key: 'model.json' })
      await Promise.all(Array.from({ length: 5 }, () => failureOf(call)))
      return failureOf(call)
    },
  },
]
