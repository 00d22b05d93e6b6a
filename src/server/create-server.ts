import type { AddressInfo } from 'node:net'
import { refuse } from '../domain/refuse.js'
import { exposedWithoutToken } from '../errors/causes/http.js'
import { ModelValidationError } from '../errors/model-validation-failed/error.js'
import type { Engine } from '../registry/engine.js'
import { createApp } from './app.js'
import { isBearerToken } from './guard.js'
import { createLog } from './logging.js'
import { isLoopback, originOf } from './loopback.js'
import { type ServerOptions, type ServerSettings, settingsOf } from './options.js'
import type { App } from './route.js'

export interface ModelryServer {
  /**
   * Begins to take requests.
   *
   * @returns the address under which the server can be reached.
   * @throws ModelValidationError when the address is taken or not of this machine, or when others could connect
   * although the registry has no token.
   */
  listen(): Promise<{ readonly url: string }>
  /**
   * Takes no more connections and lets requests that are under way end, for at most `graceMs`; connections without one
   * are closed at once. The registry stays open.
   */
  close(): Promise<void>
}

/** A server over `engine`. Nothing is listened on before `listen`. */
export async function createServer(engine: Engine, options: ServerOptions = {}): Promise<ModelryServer> {
  const settings = settingsOf(options)
  if (options.adminToken !== undefined && !isBearerToken(options.adminToken))
    throw refuse('ADMIN_TOKEN', '***', 'letters, digits and - . _ ~ + /', 'Listening')
  const log = createLog(options)
  const app = await createApp(engine, options, log)
  let closing: Promise<void> | undefined
  return {
    async listen() {
      await refuseExposure(engine, settings)
      await listen(app, settings)
      const { address, port } = addressOf(app)
      return { url: settings.publicUrl ?? originOf(reachable(address, settings.host), port) }
    },
    close: () => (closing ??= close(app, settings.graceMs).finally(() => log.flush())),
  }
}

async function refuseExposure(engine: Engine, { host, insecure }: ServerSettings): Promise<void> {
  if (isLoopback(host) || insecure) return
  if ((await engine.tokens.list()).length > 0) return
  const allowed = 'an address of this machine alone, such as 127.0.0.1, while there is no token'
  throw new ModelValidationError(
    {
      operation: 'Listening',
      actual: host,
      validationErrors: [
        { path: 'host', found: host, allowed, message: `found ${host}, allowed is ${allowed}` },
      ],
    },
    { reason: exposedWithoutToken },
  )
}

async function listen(app: App, { host, port }: ServerSettings): Promise<void> {
  try {
    await app.listen({ host, port, listenTextResolver: () => 'listening' })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const place = `${host}:${port}`
    const problem = (path: string, found: string, allowed: string) =>
      new ModelValidationError(
        {
          operation: 'Listening',
          validationErrors: [{ path, found, allowed, message: `found ${found}, allowed is ${allowed}` }],
        },
        { cause: error },
      )
    if (code === 'EADDRINUSE')
      throw problem(
        'port',
        `${place}, which is taken`,
        'a port that is free, or 0 for any (--port, MODELRY_PORT or server.port)',
      )
    if (code === 'EACCES') throw problem('port', `${place}, which needs more rights`, 'a port from 1024')
    throw problem('host', `${place} (${String(code ?? error)})`, 'an address or a name of this machine')
  }
}

function addressOf(app: App): AddressInfo {
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the server listens on no port')
  return address
}

/** "Any address" cannot be opened in a browser. */
function reachable(address: string, host: string): string {
  if (address === '0.0.0.0' || address === '::') return 'localhost'
  return host === 'localhost' ? host : address
}

async function close(app: App, graceMs: number): Promise<void> {
  const { server } = app
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  // Node closes the connections that are idle at this moment; those that become so later are ours to close.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  try {
    await app.close()
  } finally {
    clearTimeout(timer)
    clearInterval(sweep)
  }
}
